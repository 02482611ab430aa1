import type { Draft } from '../agents/draft.ts';
import type { AgentFacts } from '../agents/facts.ts';
import type { Findings } from '../agents/researcher.ts';
import { pickSentences, type Sentence, splitSentences, toSentences } from './rehearsal-extract.ts';
import { escapeMarkdown } from './rehearsal-markdown.ts';
import { isUnreadable, type Piece, selectMaterial } from './rehearsal-material.ts';
import { makeObjection } from './rehearsal-objections.ts';
import { asksForMaterialItself, readRequest } from './rehearsal-request.ts';
import { shorten, toSubject, toTerms } from './rehearsal-terms.ts';
import { writeWhole } from './rehearsal-whole.ts';
import { BANNER, FINDINGS_LEAD, isDraft, NO_FINDING_LINE, NO_SOURCE_LINE, toDraftLead, UNREADABLE_LEAD } from './rehearsal-wording.ts';

const MAX_FINDINGS = 8;
const MAX_POINTS = 5;
export const MAX_GOAL_CHARS = 300;

export function rehearseFindings(facts: AgentFacts): Findings {
  const pieces = selectMaterial(facts);
  const picked = pickSentences(toSentences(pieces.filter(isReadable)), toQuery(facts), MAX_FINDINGS);
  const lines = picked.map((sentence) => `- ${escapeMarkdown(sentence.text)} (from: ${toTitle(sentence.title)})`);
  const blocks = [FINDINGS_LEAD, lines.length === 0 ? NO_FINDING_LINE : lines.join('\n'), ...writeUnreadable(pieces)];
  return { findings: blocks.join('\n\n'), sources: [...new Set(picked.map(({ ref }) => ref))] };
}

/**
 * A text made of the goal and of sentences of the material, quoted as they are, or of the material itself where the goal asks for that. A
 * finished draft among the sources is passed on whole. A revision leaves out what was objected to and says nothing about it.
 */
export function rehearseDraft(facts: AgentFacts): Draft {
  const finished = facts.sources.findLast((source) => source.origin === 'agent' && isDraft(source.text));
  if (finished && facts.comments.length === 0) return { text: finished.text };
  const pieces = selectMaterial(facts);
  const isObjected = makeObjection(facts.comments);
  const readable = pieces.filter(isReadable);
  const isWhole = readable.length > 0 && asksForMaterialItself(facts.goal);
  const body = isWhole ? writeWhole(readable, isObjected) : writeAbout(facts, pieces, isObjected);
  return { text: [toDraftLead(facts.comments.length), ...body, ...writeUnreadable(pieces)].join('\n\n') };
}

function writeAbout(facts: AgentFacts, pieces: readonly Piece[], isObjected: (text: string) => boolean): string[] {
  const sentences = toSentences(pieces.filter(isReadable)).filter(({ text }) => !isObjected(text));
  const { heading, facts: stated } = readRequest(facts.goal);
  const given = splitSentences(stated).filter((sentence) => !isObjected(sentence));
  return [
    `**${escapeMarkdown(shorten(heading, MAX_GOAL_CHARS))}**`,
    ...(given.length === 0 ? [] : [escapeMarkdown(given.join(' '))]),
    ...writePoints(pickSentences(sentences, toQuery(facts), MAX_POINTS), pieces),
  ];
}

function writePoints(picked: readonly Sentence[], pieces: readonly Piece[]): string[] {
  if (picked.length === 0) return pieces.some(isUnreadable) ? [] : [NO_SOURCE_LINE];
  const points = picked.map((sentence) => `- ${escapeMarkdown(sentence.text)}`);
  const titles = [...new Set(picked.map(({ title }) => toTitle(title)))];
  return [points.join('\n'), `Sources: ${titles.join(', ')}`];
}

const isReadable = (piece: Piece): boolean => !isUnreadable(piece);

function writeUnreadable(pieces: readonly Piece[]): string[] {
  const titles = pieces.filter(isUnreadable).map(({ title }) => toTitle(title));
  return titles.length === 0 ? [] : [`${UNREADABLE_LEAD} ${titles.join(', ')}.)`];
}

/**
 * What is asked for, and what people asked for since; an instruction only when the goal has no words of its own. The comments of the
 * rehearsal's own critic are about numbers and wording, not about the subject.
 */
function toQuery({ goal, instruction, comments }: AgentFacts): string[] {
  const asked = [...toSubject(goal), ...toTerms(comments.filter((comment) => !comment.includes(BANNER)).join(' '))];
  return asked.length > 0 || toTerms(goal).length > 0 ? asked : toTerms(instruction);
}

const toTitle = (title: string): string => escapeMarkdown(shorten(title.replace(/[()]/g, ' '), 80));
