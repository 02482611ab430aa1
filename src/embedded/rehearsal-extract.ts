import { EMPTY_CONTEXT } from '../agents/retriever.ts';
import type { Piece } from './rehearsal-material.ts';
import { shorten, toTerms } from './rehearsal-terms.ts';
import { CUT_LINE, FINDINGS_LEAD, findBadWording, isDraft, NO_FINDING_LINE, NO_SOURCE_LINE, UNREADABLE_LEAD } from './rehearsal-wording.ts';

/** One sentence of the material and where it stands. */
export interface Sentence {
  text: string;
  terms: string[];
  title: string;
  ref: string;
}

const MAX_SENTENCE_CHARS = 260;
/** What people send along may be a list of short lines; of earlier tasks only whole statements are quoted. */
const MIN_TERMS = { given: 1, earlier: 3 };
/** Enough to choose from; comparing more sentences with each other would take too long. */
const MAX_SENTENCES = 400;

/** The sentences of all pieces, each once, without markup and without those that must not be passed on. */
export function toSentences(pieces: readonly Piece[]): Sentence[] {
  const seen = new Set<string>();
  return pieces.flatMap((piece) => {
    const minTerms = piece.earlier === null ? MIN_TERMS.given : MIN_TERMS.earlier;
    // What an earlier task was asked for says nothing about the matter.
    const asked = piece.earlier === null ? '' : toKey(piece.earlier.goal);
    return readPiece(piece).filter(({ text, terms }) => {
      const key = terms.join(' ');
      const isNew = !seen.has(key);
      seen.add(key);
      return isNew && !asked.includes(toKey(text)) && terms.length >= minTerms && findBadWording(text).length === 0;
    });
  });
}

/** A text made of a request has other capitals and full stops than the request. */
const toKey = (text: string): string => text.toLowerCase().replace(/[\s.…]+$/, '');

function readPiece({ ref, title, text, earlier }: Piece): Sentence[] {
  return text.split('\n').flatMap((raw) => {
    if (/^#{1,6} /.test(raw)) return [];
    const line = stripMarkup(raw);
    if (isFrame(line)) return [];
    // Where an earlier task had it from is not where this one has it from.
    const body = earlier === null ? line : line.replace(/ \(from: [^()]{1,200}\)$/, '');
    return splitSentences(body).map((sentence) => ({ text: sentence, terms: toTerms(sentence), title, ref }));
  });
}

function stripMarkup(line: string): string {
  return line
    .replace(/^[\s>]*(?:[-*•] |\d{1,3}[.)] )?/, '')
    .replace(/[*_`~]{1,3}(?=\S)|(?<=\S)[*_`~]{1,3}/g, '')
    .trim();
}

const FRAMES: readonly string[] = ['', FINDINGS_LEAD, NO_SOURCE_LINE, NO_FINDING_LINE, CUT_LINE, EMPTY_CONTEXT];
const FRAME = /^(?:(?:ref|sources?):|supa:\/\/\S*$|\[picture [0-9a-f]+\]$|\[… \d+ more characters are left out here\]$)/i;

/** Lines that frame a text instead of saying something: the rehearsal's own, pictures, and the references of a context. */
export function isFrame(line: string): boolean {
  return FRAMES.includes(line) || isDraft(line) || line.startsWith(UNREADABLE_LEAD) || FRAME.test(line);
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
