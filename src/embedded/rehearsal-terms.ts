/** Words that say nothing about a subject: the frequent ones, and those with which people ask for a text. */
const STOPWORDS = new Set(
  `about above after again against all also and any are because been before being below between both but can cannot could did does doing down
  during each few for from further had has have having her here hers him his how into its itself just made make many may more most much must
  not now off once only other our ours out over own same she should some such than that the their them then there these they this those
  through too under until upon very was were what when where which while who whom why will with would you your yours
  write draft compose prepare create summarize summarise summary explain answer reply tell give show post posts publish announce announcement
  broadcast send share channel telegram message text note short brief please need want task rehearsal`
    .split(/\s+/)
    .map(toStem),
);

/** Words that point at what came along with a request instead of saying what it is about. */
const REFERENCES = new Set(
  'attached attachment enclosed file document quoted replied forwarded picture photo image'.split(' ').map(toStem),
);

/** Words that texts on any subject have in common. */
const COMMON = new Set(
  'new news day today tomorrow week month year time people thing team company customer first last next update cost price number'
    .split(' ')
    .map(toStem),
);

/** A term that says little about what two texts have in common. */
export const isCommon = (term: string): boolean => COMMON.has(term);

/** What a request is about; nothing when it is about what came along with it. */
export const toSubject = (goal: string): string[] => toTerms(goal).filter((term) => !REFERENCES.has(term));

/**
 * The subject words of a text in their order, cut to their stem so that "publish" and "published" are one. The segmenter knows
 * where words end also where no blanks are written.
 */
export function toTerms(text: string): string[] {
  const terms: string[] = [];
  for (const { segment, isWordLike } of new Intl.Segmenter('und', { granularity: 'word' }).segment(text.normalize('NFC').toLowerCase())) {
    if (!isWordLike || /^\d+$/.test(segment)) continue;
    const term = toStem(segment);
    const isLong = /^\p{Script=Latin}+$/u.test(segment) ? segment.length >= 3 : segment.length >= 2;
    if (isLong && !STOPWORDS.has(term)) terms.push(term);
  }
  return terms;
}

/** "open" and "opening", "hour" and "hours" are about the same; at least four letters are left of a word, at most six. */
function toStem(word: string): string {
  return word.replace(/(?<=^\p{Script=Latin}{4,})(?:ing|ed|s)$/u, '').slice(0, 6);
}

/** What stands for something else: masked values such as `[phone-1]`, and pictures. */
const PLACEHOLDER = /\[(?:[a-z]+-\d+|picture [0-9a-f]+)\]/g;

/** Numbers as they are written, without what only ends them: `2,650.5`, `09:30`, `5%`. The digits of a placeholder are none. */
export function toNumbers(text: string): string[] {
  return [...text.replace(PLACEHOLDER, ' ').matchAll(/\d[\d.,:]*%?/g)].map((match) => match[0].replace(/[.,:]+(%?)$/, '$1'));
}

/** Which part of `terms` is among `known`; all of it when there are none. */
export function shareOf(terms: readonly string[], known: ReadonlySet<string>): number {
  const distinct = [...new Set(terms)];
  return distinct.length === 0 ? 1 : distinct.filter((term) => known.has(term)).length / distinct.length;
}

/** At most `maxChars`, cut at a word, with a mark that it was cut. */
export function shorten(text: string, maxChars: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= maxChars) return line;
  const cut = line.slice(0, maxChars - 1);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), Math.floor(maxChars / 2))).toWellFormed()}…`;
}
