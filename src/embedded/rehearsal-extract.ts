import type { AgentFacts } from '../agents/facts.ts';
import { EMPTY_CONTEXT } from '../agents/retriever.ts';
import { shorten, toTerms } from './rehearsal-terms.ts';
import { DRAFT_LEAD, FINDINGS_LEAD, findBadWording, NO_FINDING_LINE, NO_SOURCE_LINE, REVISED_LEAD } from './rehearsal-wording.ts';

/** One sentence of the material and where it stands. */
export interface Sentence {
  text: string;
  terms: string[];
  title: string;
  ref: string;
}

type SourceFact = AgentFacts['sources'][number];

const MAX_SENTENCE_CHARS = 260;
const MIN_TERMS = 3;
/** Enough to choose from; comparing more sentences with each other would take too long. */
const MAX_SENTENCES = 400;

/** The sentences of all sources, each once, without markup and without those that must not be passed on. */
export function toSentences(sources: readonly SourceFact[]): Sentence[] {
  const seen = new Set<string>();
  const goals = sources.map(({ title }) => toKey(toGoal(title)));
  return sources.flatMap(readSource).filter((sentence) => {
    const key = sentence.terms.join(' ');
    const isNew = !seen.has(key);
    seen.add(key);
    // What an earlier task was asked for says nothing about the matter.
    const isAsked = goals.some((goal) => goal.includes(toKey(sentence.text)));
    return isNew && !isAsked && sentence.terms.length >= MIN_TERMS && findBadWording(sentence.text).length === 0;
  });
}

/** What earlier tasks left behind is titled by the task's id and its goal. */
const toGoal = (title: string): string => title.replace(/^T-[\d-]+: /, '');

/** A text made of a request has other capitals and full stops than the request. */
const toKey = (text: string): string => text.toLowerCase().replace(/[\s.…]+$/, '');

/** A heading such as `## 2. Price list` names the source of the lines below it; `(from: …)` names that of its own line. */
function readSource({ ref, title, text }: SourceFact): Sentence[] {
  let current = title;
  return text.split('\n').flatMap((raw) => {
    const heading = /^#{1,6} (?:\d+\. )?(.+)$/.exec(raw);
    if (heading?.[1] !== undefined) {
      if (/^## \d+\. /.test(raw)) current = heading[1].trim();
      return [];
    }
    const line = stripMarkup(raw);
    if (isFrame(line)) return [];
    const [, body, from] = /^(.*?)(?: \(from: ([^()]{1,200})\))?$/.exec(line) ?? [];
    return splitSentences(body ?? line).map((sentence) => ({ text: sentence, terms: toTerms(sentence), title: from ?? current, ref }));
  });
}

function stripMarkup(line: string): string {
  return line
    .replace(/^[\s>]*(?:[-*•] |\d{1,3}[.)] )?/, '')
    .replace(/[*_`~]{1,3}(?=\S)|(?<=\S)[*_`~]{1,3}/g, '')
    .trim();
}

const FRAMES: readonly string[] = ['', DRAFT_LEAD, FINDINGS_LEAD, NO_SOURCE_LINE, NO_FINDING_LINE, EMPTY_CONTEXT];

/** Lines that frame a text instead of saying something: the rehearsal's own and the references of a context. */
export function isFrame(line: string): boolean {
  return FRAMES.includes(line) || line.startsWith(REVISED_LEAD) || /^(?:(?:ref|sources?):|supa:\/\/\S*$)/i.test(line);
}

export function splitSentences(text: string): string[] {
  return [...new Intl.Segmenter('und', { granularity: 'sentence' }).segment(text)]
    .map(({ segment }) => shorten(segment, MAX_SENTENCE_CHARS))
    .filter((sentence) => sentence !== '');
}

/**
 * The sentences that say most about the query, in the order of the material. A sentence counts by the query's words in it, rare words more,
 * half as much by those of the sentence before it, which it may go on from, and a little by what it has in common with all others.
 * When some say something about the query, those that say nothing about it are left out.
 */
export function pickSentences(sentences: readonly Sentence[], query: readonly string[], count: number): Sentence[] {
  const candidates = sentences.slice(0, MAX_SENTENCES);
  const relevance = rateRelevance(candidates, new Set(query));
  const isAnswered = relevance.some((points) => points > 0);
  const best = candidates
    .map((sentence, index) => ({ sentence, index, points: relevance[index] ?? 0 }))
    .filter(({ points }) => points > 0 || !isAnswered)
    .map((rated) => ({ ...rated, points: rated.points + rateCentrality(rated.sentence, candidates) }))
    .toSorted((a, b) => b.points - a.points || a.index - b.index)
    .slice(0, count);
  return best.toSorted((a, b) => a.index - b.index).map(({ sentence }) => sentence);
}

function rateRelevance(candidates: readonly Sentence[], asked: ReadonlySet<string>): number[] {
  const frequency = new Map<string, number>();
  for (const { terms } of candidates) for (const term of new Set(terms)) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  const weigh = (term: string): number => Math.log(1 + candidates.length / (frequency.get(term) ?? 1));
  const own = candidates.map(({ terms }) =>
    [...new Set(terms)].filter((term) => asked.has(term)).reduce((sum, term) => sum + weigh(term), 0),
  );
  return own.map((points, index) => {
    const isContinued = index > 0 && candidates[index - 1]?.title === candidates[index]?.title;
    return points + (isContinued ? (own[index - 1] ?? 0) / 2 : 0);
  });
}

/** Which part of a sentence's words other sentences use too, as a fraction that only settles ties. */
function rateCentrality({ terms }: Sentence, candidates: readonly Sentence[]): number {
  const sample = candidates.slice(0, 50).filter((other) => other.terms !== terms);
  const shared = new Set(sample.flatMap((other) => other.terms));
  return 0.1 * (terms.filter((term) => shared.has(term)).length / terms.length);
}
