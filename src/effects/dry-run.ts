import { type ChatRef, toChatText } from '../domain/message.ts';
import type { Post } from '../domain/post.ts';
import { inspectOutput } from '../policy/guards/output.ts';
import type { RequestView } from '../store/approvals.ts';

/**
 * The dry run of a post: it has been rendered by the messenger in the admin group, and this says what was seen, with the risks that rules
 * can find. Markdown for people; facts only, no AI.
 */
export function writePostDryRun(request: RequestView, post: Post, adminChat: ChatRef): string {
  const links = post.parts.flatMap(({ text, entities }) => inspectOutput(text, entities).links);
  const findings = post.parts.flatMap(({ text, entities }) => inspectOutput(text, entities).findings);
  const characters = post.parts.reduce((sum, { text }) => sum + text.length, 0);
  const pictures = post.parts.filter(({ kind }) => kind === 'photo').length;
  return [
    `Dry run of ${request.action} for ${request.reference}`,
    `Shown in the admin group (${toChatText(adminChat)}): ${count(post.parts.length, 'message')}, text and formatting as the critic judged them.`,
    `Would go to ${toChatText({ chatId: post.target.chat_id, topicId: post.target.topic_id })}: ${count(characters, 'character')}, ${count(pictures, 'picture')}.`,
    `Checksum ${request.artifactChecksum}`,
    '',
    'Risks',
    'Publishing cannot be undone: subscribers are notified at once, and a deletion does not take it back.',
    links.length === 0
      ? 'No links.'
      : `Links: ${links.map(({ url, problems }) => (problems.length > 0 ? `${url} (${problems.join(', ')})` : url)).join('; ')}`,
    findings.length === 0
      ? 'No hidden characters, no disguised links.'
      : `Findings: ${findings.map(({ kind, count }) => `${kind} ×${count}`).join('; ')}`,
    `Critic: ${request.critic.points} of 9; red flags: ${toFlags(request.critic.critique.red_flags)}`,
    ...(request.isRehearsal ? ['Rehearsal: no AI took part.'] : []),
  ].join('\n');
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

function toFlags(flags: unknown): string {
  return Array.isArray(flags) && flags.length > 0 ? flags.join('; ') : 'none';
}
