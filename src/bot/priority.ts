/**
 * Who goes first when calls to Telegram have to wait:
 * - `urgent`: the word on a stop or a resume, and the answer to a press;
 * - `approval`: cards, doubts, reminders, and the questions on them;
 * - `answer`: answers to commands, and what agents made;
 * - `progress`: lines that show how things go. They never wait: they are left out, and drawn again later from newer rows.
 */
export const PRIORITIES = ['urgent', 'approval', 'answer', 'progress'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Lower goes first. */
export const toRank = (priority: Priority): number => PRIORITIES.indexOf(priority);
