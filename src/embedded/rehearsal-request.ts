import { splitSentences } from './rehearsal-extract.ts';
import { shorten, toNumbers, toSubject } from './rehearsal-terms.ts';

const MAX_FACTS_CHARS = 1200;
const ARTICLE = 'an?|the|our|my|this|that|these|those|some';
/** "Post" is also a thing, so such verbs count only in front of what is to be written. */
const VERB = new RegExp(
  `^(?:please\\s+)?(?:(?:publish|announce|summari[sz]e)\\b|(?:post|write|draft|compose|prepare|create|send|share|broadcast)(?=\\s+(?:${ARTICLE}|about|post|message|announcement)\\b|\\s*[:：]))[\\s:：]*`,
  'iu',
);
/** What is to be written, up to what it is to be about: "a short post about". */
const FORM =
  /^(?:(?:this|(?:the )?following)\s*[:：]\s*|(?:(?:an?|the|our|this|some)\s+)?(?:(?:short|brief|quick|new|small)\s+)?(?:post|message|announcement|note|text|summary)(?:\s+with\s+(?:this|the|my|our)\s+(?:attached\s+)?(?:picture|photo|image))?(?:\s+(?:to|in|for|on)\s+(?:the|our)\s+channel)?(?:\s+(?:about|on|of|that|saying)\s+|\s*[:：]\s*))/iu;
const PLACE = /\s+(?:to|in|on)\s+(?:the|our)\s+channel[.!]?$/iu;
const COLON = /:\s+|：\s*/u;

const TASK_ID = /\bT-\d{4}-\d\d-\d\d-\d{4,}/g;
/** "Summarise: cats sleep all day", "Publish a post: the office is closed". */
const SAYS = /^[^\n:：]{0,60}(?:: |：)\s*\S+\s+\S+/u;
const ATTACHED = /^(?:please\s+)?\w+\s+(?:the|this|my|our)\s+(?:attached|enclosed|quoted|forwarded)\b/iu;
const PASSES_ON = /^(?:please\s+)?(?:publish|post|announce|broadcast|share|send)\b/iu;

export interface RequestText {
  /** What the text is about. */
  heading: string;
  /** What the request itself says of it, as sentences; empty when it says nothing. */
  facts: string;
}

/** Takes a request apart into its subject and what it says about it: "Publish a post about our hours: 9 to 5" is about "Our hours". */
export function readRequest(goal: string): RequestText {
  const subject = goal.trim().replace(VERB, '').replace(FORM, '').trim();
  if (subject === '') return { heading: goal, facts: '' };
  const colon = COLON.exec(subject);
  if (colon === null || colon.index === 0) return { heading: capitalize(subject.replace(PLACE, '')), facts: '' };
  const facts = subject
    .slice(colon.index + colon[0].length)
    .split('\n')
    .flatMap((line) => splitSentences(line.replace(/^\s*[-*•]\s+/, '')))
    .map(toSentence);
  return { heading: capitalize(subject.slice(0, colon.index)), facts: shorten(facts.join(' '), MAX_FACTS_CHARS) };
}

/** Whether the request brings along what is to be said: words after a colon, or numbers. */
export function hasOwnFacts(goal: string): boolean {
  const { heading, facts } = readRequest(goal);
  return facts !== '' || toNumbers(heading.replace(TASK_ID, '')).length > 0 || SAYS.test(goal.trim());
}

/** Whether what came along is itself what the request is about: "Summarise the attached file", "Publish this". */
export const isAboutMaterial = (goal: string): boolean => toSubject(goal).length === 0 || ATTACHED.test(goal.trim());

/** Whether what came along is to go out as it is. */
export const asksForMaterialItself = (goal: string): boolean =>
  isAboutMaterial(goal) && PASSES_ON.test(goal.trim()) && !/\bsummar/i.test(goal);

const toSentence = (text: string): string => `${capitalize(text)}${/[\p{Sentence_Terminal}…:]["'”’)]*$/u.test(text) ? '' : '.'}`;
const capitalize = (text: string): string => text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
