import type { StepLine, TaskLine } from './bundle.ts';
import { findDifferences, lastValue, type OnRecord } from './on-record.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A task that is given at midnight has its number before its first record. */
const MIDNIGHT_MS = 60_000;

/** Who asked for what, under which rules, and how it ended. */
export function checkTask(tasks: readonly TaskLine[], records: readonly OnRecord[]): string[] {
  const [line, another] = tasks;
  if (line === undefined || another !== undefined) return [`the task: expected one line, came ${tasks.length}`];
  const [created] = records;
  if (created === undefined) return [];
  if (created.action !== 'task.create') return [`record 1 of ${created.chain}: is no task.create`];
  const end = records.findLast(({ action }) => action === 'task.end' || action === 'task.reopen');
  const { goal, source, input_checksum } = created.after;
  const tier = lastValue(records, ['plan.accept', 'policy.move'], 'tier');
  return [
    ...checkDay(created),
    ...findDifferences('the task', line, {
      task_id: created.chain,
      actor: created.actor,
      goal,
      source,
      input_checksum,
      policy_version: lastValue(records, ['task.create', 'policy.move'], 'policy_version'),
      ...(tier === undefined ? {} : { risk_tier: tier }),
      ...(end?.action === 'task.end' ? { status: end.after.status, failure_code: end.after.code } : { ended_at: null }),
    }),
  ];
}

/** The number of a task has its day in it: a chain that was written anew cannot be dated after the anchors it would have to be in. */
function checkDay({ chain, ts }: OnRecord): string[] {
  const day = Date.parse(`${chain.slice('T-'.length, 'T-YYYY-MM-DD'.length)}T00:00:00Z`);
  const sinceMs = Date.parse(ts) - day;
  return sinceMs >= 0 && sinceMs < DAY_MS + MIDNIGHT_MS
    ? []
    : [`record 1 of ${chain}: was not written on the day of its task, but at ${ts}`];
}

/** A step that is done is on record, with what it made, or what a person put in its place. */
export function checkSteps(steps: readonly StepLine[], records: readonly OnRecord[]): string[] {
  const edited = records.filter(({ action }) => action === 'approval.edit').map(({ after }) => after.draft);
  const completed = new Map(records.filter(({ action }) => action === 'step.complete').map((record) => [record.object, record.after]));
  return steps
    .filter(({ status }) => status === 'done')
    .flatMap((line) => {
      const name = `the step ${line.step_id}`;
      const after = completed.get(line.step_id);
      if (after === undefined) return [`${name}: that it is done is not on record`];
      return after.output_ref === undefined || edited.includes(line.output_ref)
        ? []
        : findDifferences(name, line, { output_ref: after.output_ref });
    });
}
