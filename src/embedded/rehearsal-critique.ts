import { countInvisible } from '../agents/clean-text.ts';
import type { AgentFacts } from '../agents/facts.ts';
import { type Critique, hasVeto, MAX_POINTS, toPoints } from '../domain/critique.ts';
import { AppError } from '../errors.ts';
import { MAX_GOAL_CHARS } from './rehearsal-draft.ts';
import { isFrame, splitSentences } from './rehearsal-extract.ts';
import { selectMaterial } from './rehearsal-material.ts';
import { UNSOURCED_NUMBERS } from './rehearsal-objections.ts';
import { asksForMaterialItself } from './rehearsal-request.ts';
import { shareOf, shorten, toNumbers, toSubject, toTerms } from './rehearsal-terms.ts';
import { BANNER, type Finding, findBadWording, UNREADABLE_LEAD } from './rehearsal-wording.ts';

/** A text with fewer different subject words than this says nothing that could be judged. */
const MIN_SUBSTANCE_TERMS = 4;
const MAX_SENTENCE_WORDS = 60;

interface Judgement {
  points: number;
  comments: string[];
}

/** Judges by rules that can be checked by hand: words, numbers and patterns of the deliverable against those of goal and sources. */
export function rehearseCritique(asked: AgentFacts): Critique {
  const { deliverable } = asked;
  if (deliverable === null) throw new AppError('input_invalid', 'The critic needs the text that would be sent');
  const lines = deliverable.text.split('\n').filter((line) => !isFrame(line.trim()));
  const body = lines.join('\n');
  // Of what a person wrote the person is the source, and what it is to be about is what it says.
  const facts = deliverable.isByPerson ? { ...asked, goal: body } : asked;
  const stopping = [
    ...findBadWording(deliverable.text),
    ...findHidden(deliverable.text),
    ...findMissing(body, facts.goal),
    ...findUnread(deliverable.text, facts),
  ];
  const isEmpty = stopping.some(({ flag }) => flag === NO_SUBSTANCE);
  const [evidence, factuality, clarity] = isEmpty ? [NOTHING, NOTHING, NOTHING] : judge(body, facts);
  const critique: Critique = {
    policy_compliance: stopping.length === 0 ? 1 : 0,
    evidence_cited: evidence.points,
    factuality: factuality.points,
    clarity: clarity.points,
    risk_flags: stopping.some(({ flag }) => flag !== NO_SUBSTANCE && flag !== OFF_TOPIC) ? 0 : 1,
    red_flags: stopping.map(({ flag }) => flag),
    comments: '',
  };
  const comments = [...stopping.map(({ advice }) => advice), ...evidence.comments, ...factuality.comments, ...clarity.comments];
  return { ...critique, comments: writeComments(critique, comments) };
}

const NO_SUBSTANCE = 'no substance';
const OFF_TOPIC = 'off the goal';
const NOTHING: Judgement = { points: 0, comments: [] };

function judge(body: string, facts: AgentFacts): [Judgement, Judgement, Judgement] {
  const evidence = [facts.goal, ...selectMaterial(facts).flatMap((piece) => [piece.title, piece.ref, piece.text])].join('\n');
  const known = new Set(toTerms(evidence));
  const sentences = body
    .split('\n')
    .flatMap(splitSentences)
    .filter((sentence) => toTerms(sentence).length >= 3);
  const supported = sentences.filter((sentence) => shareOf(toTerms(sentence), known) >= 0.5);
  const share = sentences.length === 0 ? shareOf(toTerms(body), known) : supported.length / sentences.length;
  return [judgeEvidence(share), judgeFactuality(body, evidence, share), judgeClarity(body, facts.goal)];
}

function judgeEvidence(share: number): Judgement {
  if (share >= 0.5) return { points: 2, comments: [] };
  const comments = ['Rest the statements on the request or the sources; most of them appear in neither.'];
  return { points: share > 0 ? 1 : 0, comments };
}

function judgeFactuality(body: string, evidence: string, share: number): Judgement {
  const given = new Set(toNumbers(evidence));
  const invented = [...new Set(toNumbers(body.replace(/^\s*\d{1,3}[.)] /gm, '')))].filter((number) => !given.has(number));
  const comments = invented.length === 0 ? [] : [`${UNSOURCED_NUMBERS} ${invented.slice(0, 5).join(', ')}.`];
  if (share < 0.2) comments.push('Hardly anything here can be checked against the material.');
  return { points: 3 - Math.min(2, invented.length) - (share < 0.2 ? 1 : 0), comments };
}

function judgeClarity(body: string, goal: string): Judgement {
  const comments: string[] = [];
  const letters = body.replace(/[^\p{L}]/gu, '');
  const capitals = letters.replace(/[^\p{Lu}]/gu, '');
  if (letters.length >= 20 && capitals.length > letters.length / 2) comments.push('Write in normal case, not in capitals.');
  if (splitLongest(body) > MAX_SENTENCE_WORDS) comments.push('Split the long sentence.');
  if (coverage(body, goal) < 0.5) comments.push(`Say more about what was asked for: ${shorten(goal, 120)}`);
  return { points: Math.max(0, 2 - comments.length), comments };
}

function splitLongest(body: string): number {
  const sentences = body.split('\n').flatMap((line) => line.split(/(?<=[.!?…])\s/));
  return Math.max(0, ...sentences.map((sentence) => sentence.split(/\s+/).length));
}

const coverage = (body: string, goal: string): number => shareOf(toSubject(goal.slice(0, MAX_GOAL_CHARS)), new Set(toTerms(body)));

function findMissing(body: string, goal: string): Finding[] {
  const terms = new Set(toTerms(body));
  if (terms.size < MIN_SUBSTANCE_TERMS && coverage(body, goal) < 1) {
    return [{ flag: NO_SUBSTANCE, advice: 'The text says nothing; write what the goal asks for.' }];
  }
  if (body.trim() === '') return [{ flag: NO_SUBSTANCE, advice: 'The text is empty.' }];
  if (coverage(body, goal) >= 0.2) return [];
  return [{ flag: OFF_TOPIC, advice: `The text is about something else than the goal: ${shorten(goal, 120)}` }];
}

/** A post that was to be a file, and is only the word that nobody could read it. */
function findUnread(text: string, { goal, tier }: AgentFacts): Finding[] {
  const isPost = tier === 'T2' || tier === 'T3';
  const isUnread = isPost && asksForMaterialItself(goal) && text.includes(UNREADABLE_LEAD);
  return isUnread
    ? [{ flag: NO_SUBSTANCE, advice: 'What was sent along is not readable as text; send it as a text file, or edit this.' }]
    : [];
}

function findHidden(text: string): Finding[] {
  const findings: Finding[] = [];
  if (countInvisible(text) > 0) findings.push({ flag: 'invisible characters', advice: 'Take out the characters that nobody can see.' });
  for (const [, shown, target] of text.matchAll(
    /(?:https?:\/\/)?\b([\w-]{1,63}(?:\.[\w-]{1,63}){1,5})(?:\/[^\s()]*)? \(https?:\/\/([^\s/)]+)/g,
  )) {
    if (shown !== undefined && target !== undefined && !isSameHost(shown, target)) {
      findings.push({ flag: 'misleading link', advice: `A link that reads ${shown} leads to ${target}.` });
    }
  }
  return findings.slice(0, 10);
}

const isSameHost = (shown: string, target: string): boolean =>
  shown.toLowerCase().replace(/^www\./, '') === target.toLowerCase().replace(/^www\./, '');

function writeComments(critique: Critique, comments: readonly string[]): string {
  const verdict = hasVeto(critique) ? 'fails' : `${toPoints(critique)} of ${MAX_POINTS} points`;
  return [`${BANNER} judged by rules, ${verdict}.`, ...new Set(comments)].join(' ').slice(0, 4000).toWellFormed();
}
