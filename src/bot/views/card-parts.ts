import { FormattedString } from '@grammyjs/parse-mode';
import { listLinks } from '../../policy/guards/links.ts';
import { bold, code, expandableQuote, type Fragment, fmt, join, link, plural, type Rich } from '../view.ts';
import { type CardFacts, listSlots } from './card-state.ts';
import { describeChange, makeDifference } from './difference.ts';
import { toMessageUrl } from './message-link.ts';
import { inBlock, inLine } from './quoted.ts';

/** What the pieces of a card may take, so that all of them together stay readable on a phone. */
const MAX_NAME = 60;
const MAX_GOAL = 160;
const MAX_PREVIEW = 260;
const MAX_DIFFERENCE = 600;
const MAX_DRY_RUN = 640;
const MAX_REQUIREMENTS = 12;
const MAX_LINKS = 4;
const MAX_LINK = 150;

export function describeTarget({ target, request }: CardFacts): Fragment {
  const name = inLine(target.title, MAX_NAME);
  const topic = request.targetTopicId === null ? '' : `, topic ${request.targetTopicId}`;
  return fmt`${target.url === null ? name : link(name, target.url)}${topic}`;
}

/** Reference, task, who asked for what. */
export function describeRequest({ request }: CardFacts): Fragment[] {
  const requester = inLine(request.requester ?? request.actor, MAX_NAME);
  return [
    fmt`${code(request.reference)} · ${request.tier} · task ${code(request.taskId)}`,
    fmt`${requester} asked: “${inLine(request.goal, MAX_GOAL)}”`,
    ...(request.isRehearsal ? [fmt`⚠️ ${bold('Rehearsal')}: no AI took part in this.`] : []),
    // After an edit the old card still stands for the agent's text.
    ...(request.isEditedByPerson && request.voidReason !== 'edited' ? ['✏️ The text was written by a person, not by the agent.'] : []),
  ];
}

/** Where the artifact itself stands, and how it begins. */
export function describeArtifact({ copies, post, request }: CardFacts): Fragment[] {
  if (request.stagingProblem !== null) return [fmt`🚫 ${bold('Not shown as it would be sent')}: ${inLine(request.stagingProblem, 300)}`];
  if (post === null) return [fmt`🚫 ${bold('The text cannot be read')}, so nobody can approve it. Try again later, or reject it.`];
  if (copies === null) return [fmt`🚫 ${bold('It could not be shown here in full.')} Decide in the admin group.`];
  const text = post.parts.map((part) => part.text).join('\n\n');
  // Folded to its first lines: the messages themselves are what is approved.
  return [
    describeCopies(copies.messages.length, copies),
    expandableQuote(inBlock(text, MAX_PREVIEW, 'in the messages themselves, or Details')),
  ];
}

/** Where each link leads, spelt out: in the post itself only its words are seen. What is cut is counted. */
export function describeLinks({ post, request }: CardFacts): Fragment[] {
  if (post === null || request.slots.length === 0) return [];
  const urls = [...new Set(post.parts.flatMap(({ text, entities }) => listLinks(text, entities).map(({ url }) => url)))];
  if (urls.length === 0) return [];
  const shown = urls.slice(0, MAX_LINKS).map((url) => {
    const rest = url.length > MAX_LINK ? `…[${url.length - MAX_LINK} more characters: see Details]` : '';
    return fmt`${code(inLine(url.slice(0, MAX_LINK), MAX_LINK))}${rest}`;
  });
  return [fmt`Links: ${join(shown, ', ')}${urls.length > MAX_LINKS ? ` and ${urls.length - MAX_LINKS} more: see Details` : ''}`];
}

function describeCopies(count: number, { messages, place }: NonNullable<CardFacts['copies']>): Rich {
  const first = messages[0];
  const url = first === undefined ? null : toMessageUrl(first);
  const label = `${plural(count, 'message')} ${place === 'elsewhere' ? 'in the admin group' : place}`;
  return fmt`${url === null ? bold(label) : link(bold(label), url)}, exactly as ${count === 1 ? 'it' : 'they'} will be sent. It begins:`;
}

/** What is met and what is not, people's approvals apart; the slots follow. */
export function describeVerdict({ request }: CardFacts): string[] {
  const items = request.verdict.items.filter(({ isByPeople }) => !isByPeople);
  const shown = items.slice(0, MAX_REQUIREMENTS);
  const met = shown.filter(({ isMet }) => isMet).map(({ detail }) => inLine(detail, 160));
  const unmet = shown.filter(({ isMet }) => !isMet).map(({ detail }) => `○ ${inLine(detail, 160)} — NOT MET`);
  return [
    ...unmet,
    ...(met.length === 0 ? [] : [`✓ ${met.join(' · ')}`]),
    ...(items.length > MAX_REQUIREMENTS ? [`and ${items.length - MAX_REQUIREMENTS} more: see Details`] : []),
  ];
}

/** `operator ✓ Adam 14:02 UTC · owner waiting`; nobody is waited for any more once it is decided or void. */
export function describeSlots({ request, now, time }: Pick<CardFacts, 'request' | 'now' | 'time'>): Rich {
  const isOpen =
    request.status === 'staging' || (request.status === 'pending' && (request.expiresAt === null || new Date(request.expiresAt) > now));
  const slots = listSlots(request).map(({ role, filled }) =>
    filled === null
      ? fmt`${bold(role)} ${isOpen ? 'waiting' : '– nobody'}`
      : fmt`${bold(role)} ✓ ${inLine(filled.name, MAX_NAME)}${describeStandIn(filled.delegatedBy)} ${time.format(filled.at, now)}`,
  );
  return slots.length === 0 ? fmt`Nobody can approve this: edit, reject or cancel it.` : join(slots, ' · ');
}

/** Whose role it was, where somebody stood in for them. */
export const describeStandIn = (delegatedBy: string | null): string =>
  delegatedBy === null ? '' : ` (for ${inLine(delegatedBy, MAX_NAME)})`;

export function describeChecksum({ request }: CardFacts): Rich {
  return fmt`Checksum ${code(request.artifactChecksum.slice(0, 8))} · policy v${request.policyVersion}`;
}

/** The moment as an entity, so that each phone shows its own time and counts it down; other clients show the words. */
export function describeExpiry({ request, now, time }: CardFacts): Fragment[] {
  if (request.expiresAt === null) return [];
  const unixSeconds = Math.floor(new Date(request.expiresAt).getTime() / 1000);
  return [fmt`Expires ${FormattedString.time(time.formatBoth(request.expiresAt, now), unixSeconds, 'wDt')}`];
}

/** That this is a new version, what was before, and what is different. */
export function describeReplacement(facts: CardFacts): Fragment[] {
  const { previous } = facts.request;
  if (previous === null) return [];
  const change =
    facts.previous && facts.post
      ? describeChange(facts.previous, facts.post, MAX_DIFFERENCE)
      : fmt`What changed cannot be shown: see Details.`;
  return [
    fmt`🔁 Replaces ${code(previous.reference)} (${describeVoid(previous.voidReason)}): ${bold('earlier decisions are void.')}`,
    change === null ? 'The text is the same as before.' : expandableQuote(change),
  ];
}

/** Approvers weigh a text by what it rests on. */
export function describeStale({ request, now, time }: Pick<CardFacts, 'request' | 'now' | 'time'>): Fragment[] {
  const { staleSources: stale } = request;
  if (!stale) return [];
  if (stale.foundAt === null)
    return [fmt`⚠️ ${bold('No sources from earlier tasks')}: search did not answer, and nothing was in the cache.`];
  return [fmt`⚠️ ${bold(`Sources from the cache of ${time.format(stale.foundAt, now)}`)}: search did not answer.`];
}

export function describeVoid(reason: string | null): string {
  if (reason === 'edited') return 'edited';
  return reason === null ? 'replaced' : inLine(reason, 120);
}

/** After an edit, until there is a new version: what the person changed. */
export function describeDraft({ draft, post }: CardFacts): Fragment[] {
  if (draft === null) return [];
  const before = post?.parts.map(({ text }) => text).join('\n\n') ?? '';
  const difference = makeDifference(before, draft.text, MAX_DIFFERENCE);
  const by = fmt`${inLine(draft.by, MAX_NAME)} changed the text:`;
  return difference === null ? ['The words are the same; the formatting may differ.'] : [by, expandableQuote(difference)];
}

export function describeDryRun({ request, dryRun }: CardFacts): Fragment[] {
  if (request.tier !== 'T3' && dryRun === null) return [];
  if (dryRun === null) return [fmt`○ ${bold('No dry run yet.')}`];
  return [fmt`${bold('Dry run and risks')}`, expandableQuote(inBlock(dryRun, MAX_DRY_RUN, 'see Details'))];
}
