import { toPlainText } from '../../agents/compose/compose-post.ts';
import { Critique, MAX_POINTS } from '../../domain/critique.ts';
import { toChatText } from '../../domain/message.ts';
import type { RequestView } from '../../store/approvals.ts';
import { bold, code, type Fragment, fmt, lines, plural, type Rich } from '../view.ts';
import { describeRubric, listInjection } from './card-critic.ts';
import { type CardFacts, listSlots } from './card-state.ts';
import { makeFullDifference } from './difference.ts';
import { describeOrder } from './order.ts';

/** Everything about one version of what is asked, uncut, as a plain text file: for reading, keeping and comparing. */
export function makeDetailsFile(facts: CardFacts): { name: string; bytes: Uint8Array } {
  const { request } = facts;
  const sections: [string, string[]][] = [
    ['What is asked', listRequest(facts)],
    [`The text, ${plural(facts.post?.parts.length ?? 0, 'message')}`, listParts(facts)],
    [
      'What is needed',
      request.verdict.items.map(({ isMet, requirement, detail }) => `${isMet ? 'met  ' : 'UNMET'}  ${requirement}: ${detail}`),
    ],
    ['Decisions', listDecisions(request)],
    ['Critic', listCritique(request)],
    ...(request.critic.injection.length === 0
      ? []
      : [['Orders to a model, found by a rule', listInjection(request.critic)] satisfies [string, string[]]]),
    ...(facts.dryRun === null ? [] : [['Dry run and risks', [facts.dryRun]] satisfies [string, string[]]]),
    ...listChanges(facts),
  ];
  const text = sections.map(([title, rows]) => `${title}\n${'='.repeat(title.length)}\n${rows.join('\n')}\n`).join('\n');
  return { name: `${request.reference}.txt`, bytes: Buffer.from(text) };
}

/** What stands under the file. */
export function makeDetailsCaption({ request }: Pick<CardFacts, 'request'>): Rich {
  const fragments: Fragment[] = [
    fmt`${bold('Details of')} ${code(request.reference)}: the whole text, the critique, the decisions.`,
    fmt`Checksum ${code(request.artifactChecksum)}`,
  ];
  return lines(fragments);
}

function listRequest({ request, target, post }: CardFacts): string[] {
  return [
    `Reference    ${request.reference} (version ${request.version}${request.previous === null ? '' : `, replaces ${request.previous.reference}`})`,
    `Status       ${request.status}${request.voidReason === null ? '' : ` (${request.voidReason})`}`,
    `Task         ${request.taskId} (${request.taskStatus})`,
    `Goal         ${request.goal}`,
    `Asked by     ${request.requester ?? request.actor} (${request.actor})`,
    `Action       ${request.action}, tier ${request.tier}, policy version ${request.policyVersion}`,
    `Target       ${target.title} (${toChatText({ chatId: request.targetChatId, topicId: request.targetTopicId })})`,
    ...(post?.order === undefined ? [] : [`Money        ${describeOrder(post.order)}`]),
    `Checksum     ${request.artifactChecksum}`,
    `Shown        ${request.shownAt ?? 'not yet'}`,
    `Expires      ${request.expiresAt ?? 'not yet set'}`,
    ...(request.isRehearsal ? ['Rehearsal    no AI took part in this'] : []),
    ...(request.isEditedByPerson ? ['Written by   a person, not the agent'] : []),
  ];
}

function listParts({ post }: CardFacts): string[] {
  if (post === null) return ['The stored text cannot be read.'];
  return post.parts.flatMap((part, index) => [
    ...(post.parts.length > 1 ? [`--- message ${index + 1} of ${post.parts.length}, ${part.text.length} characters ---`] : []),
    toPlainText({ target: post.target, parts: [part] }),
  ]);
}

function listDecisions(request: RequestView): string[] {
  const slots = listSlots(request).map(({ role, filled }) => `${role}: ${filled === null ? 'waiting' : `${filled.name}, ${filled.at}`}`);
  const history = request.decisions.map(
    ({ at, name, approver, role, decision, reason }) =>
      `${at}  ${decision} as ${role} by ${name} (${approver})${reason === null ? '' : `: ${reason}`}`,
  );
  return [...slots, '', ...(history.length === 0 ? ['No decision so far.'] : history)];
}

function listCritique({ critic }: RequestView): string[] {
  const verdict = `${critic.points} of ${MAX_POINTS} points, ${critic.passPoints} needed: ${critic.passed ? 'passed' : 'not passed'}`;
  const parsed = Critique.safeParse(critic.critique);
  if (!parsed.success) return [verdict, JSON.stringify(critic.critique, null, 2)];
  const flags = parsed.data.red_flags.map((flag) => `RED FLAG: ${flag}`);
  return [verdict, describeRubric(parsed.data), ...flags, '', parsed.data.comments];
}

function listChanges({ previous, post, request }: CardFacts): [string, string[]][] {
  if (previous === null || post === null || request.previous === null) return [];
  return [[`Changes since ${request.previous.reference} (lines with - went, lines with + came)`, [makeFullDifference(previous, post)]]];
}
