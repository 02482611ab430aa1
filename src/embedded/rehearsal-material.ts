import type { AgentFacts } from '../agents/facts.ts';
import { UNREADABLE_TEXT } from '../jobs/steps/attachments.ts';
import { hasOwnFacts } from './rehearsal-request.ts';
import { isCommon, toSubject, toTerms } from './rehearsal-terms.ts';
import { FINDINGS_LEAD, isDraft } from './rehearsal-wording.ts';

/** A text that an answer may rest on, and what it is called in the answer. */
export interface Piece {
  ref: string;
  title: string;
  text: string;
  /** The task that left it behind, with its goal; null for what came along with this one. */
  earlier: { taskId: string; goal: string } | null;
}

type SourceFact = AgentFacts['sources'][number];

const EARLIER_TITLE = /^(T-\d{4}-\d\d-\d\d-\d{4,})\b(?:: )?(.*)$/s;
/** One section of what the retriever writes. */
const SECTION = /^\d+\. (.*)\n\nRef: `[^`\n]*` \((?:requester|agent|outside)\)\n\n([\s\S]*)$/;
const MIN_SHARED_TERMS = 2;
const MIN_SHARE = 2 / 3;

/**
 * What a text for this goal may be made of, and be measured by: what came along with the task, and that alone where there is any or the
 * goal itself says something. Else what earlier tasks left behind, as far as the goal is clearly about it. A task that the goal names
 * by its id always counts.
 */
export function selectMaterial({ goal, sources }: Pick<AgentFacts, 'goal' | 'sources'>): Piece[] {
  const given = sources.flatMap(toGiven);
  const earlier = sources.flatMap(toEarlier);
  const isComplete = given.length > 0 || hasOwnFacts(goal);
  const wanted = earlier.filter((piece) => isNamed(piece, goal) || (!isComplete && isAbout(piece, goal)));
  return [...given, ...wanted];
}

/** A file of which no word can be quoted. */
export const isUnreadable = ({ ref, text }: Piece): boolean =>
  ref.startsWith('attachment-') && (text.trim() === UNREADABLE_TEXT || toTerms(text).length === 0);

function toGiven({ ref, title, text, origin }: SourceFact): Piece[] {
  // The rehearsal's own texts only repeat the material, and the retriever's context repeats what came along.
  const isRepeated =
    origin === 'agent' && (isContext(text) || isDraft(text) || text.startsWith(FINDINGS_LEAD) || EARLIER_TITLE.test(title));
  return isRepeated ? [] : [{ ref, title, text, earlier: null }];
}

function toEarlier({ ref, title, text, origin }: SourceFact): Piece[] {
  if (origin !== 'agent') return [];
  if (!isContext(text)) return readEarlier({ ref, title, text });
  return text.split(/^## (?=\d+\. )/m).flatMap((section) => {
    const [, heading, quoted] = SECTION.exec(section) ?? [];
    if (heading === undefined || quoted === undefined) return [];
    // What was given is the context; the title says which task is quoted there.
    return readEarlier({ ref, title: heading, text: quoted.replace(/^> ?/gm, '') });
  });
}

const isContext = (text: string): boolean => text.startsWith('# Context\n');

/** Which earlier task it was says the id; its goal may have been for fewer eyes than the new text. */
function readEarlier({ ref, title, text }: Pick<SourceFact, 'ref' | 'title' | 'text'>): Piece[] {
  const [, taskId, goal] = EARLIER_TITLE.exec(title) ?? [];
  if (taskId === undefined || goal === undefined) return [];
  return [{ ref, title: `earlier task ${taskId}`, text: unescapeMarkdown(text), earlier: { taskId, goal } }];
}

/** An agent's text is Markdown: quoted again as it stands, its escapes would be escaped once more each time. */
const unescapeMarkdown = (text: string): string => text.replace(/\\([\\`*_~[\]<>#|])/g, '$1');

const isNamed = ({ earlier }: Piece, goal: string): boolean => earlier !== null && goal.includes(earlier.taskId);

/** Most of what the goal is about, and of its rare words at least two, stand there too. */
function isAbout({ text, earlier }: Piece, goal: string): boolean {
  const asked = [...new Set(toSubject(goal))];
  const known = new Set(toTerms(`${earlier?.goal ?? ''}\n${text}`));
  const shared = asked.filter((term) => known.has(term));
  return shared.filter((term) => !isCommon(term)).length >= MIN_SHARED_TERMS && shared.length >= asked.length * MIN_SHARE;
}
