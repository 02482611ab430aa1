import { TaskId } from '../../domain/ids.ts';
import { code, fmt, type Rich } from '../view.ts';
import { inLine } from '../views/quoted.ts';

/** The id at the beginning of a command's arguments and the rest, or what a person reads instead. */
export function readTaskId(args: string, usage: string): { taskId: string; rest: string } | { problem: Rich } {
  const [, word = '', rest = ''] = /^(\S*)\s*([\s\S]*)$/.exec(args) ?? [];
  const parsed = TaskId.safeParse(word.toUpperCase());
  if (parsed.success) return { taskId: parsed.data, rest };
  if (word === '') return { problem: fmt`Which task? ${code(usage)}, with an id such as ${code('T-2025-09-28-0012')}. /tasks lists them.` };
  return {
    problem: fmt`I read ${code(inLine(word, 40))} as a task’s id, and it is none. One looks like ${code('T-2025-09-28-0012')}; /tasks lists them.`,
  };
}
