import { exportTask } from '../../store/audit.ts';
import { explainTask } from '../../store/tasks.ts';
import { makeBundle } from '../bundle.ts';
import type { CommandDeps } from '../deps.ts';
import { verifyLog } from '../verify-log.ts';
import { code, fmt, lines, toView } from '../view.ts';
import { makeBundlePage } from '../views/bundle-page.ts';
import { makeTrailFile, makeTrailPage, TRAIL_PAGES } from '../views/trail.ts';
import type { Command, Invocation } from './command.ts';
import { readTaskId } from './read-task-id.ts';

const USAGE = '/audit [TASK [page|export]|verify]';
/** They are named, so that nobody takes an answer about a task for one of these. */
const NOT_YET = ['quarterly', 'monthly', 'memory'];

export const audit: Command = {
  name: 'audit',
  group: 'Decisions',
  description: 'The trail of a task, its evidence as files, the proof of the whole log',
  usage: USAGE,
  example: '/audit T-2025-09-28-0012 export',
  roles: ['reviewer', 'owner'],
  async run(invocation, deps) {
    const { args, reply } = invocation;
    const word = args.trim().toLowerCase();
    if (word === '') return void (await reply(toView(WHAT_THERE_IS)));
    if (word === 'verify') return void (await reply(toView(await verifyLog(invocation, deps))));
    if (NOT_YET.includes(word)) {
      await reply(
        toView(
          fmt`${code(`/audit ${word}`)} does not exist yet, so nothing was looked at. ${code('/audit verify')} proves the log as it stands.`,
        ),
      );
      return;
    }
    const read = readTaskId(args, USAGE);
    if ('problem' in read) return void (await reply(toView(read.problem)));
    const rest = read.rest.trim().toLowerCase();
    if (rest === 'export') return sendEvidence(read.taskId, invocation, deps);
    const page = rest === '' ? 1 : /^\d{1,4}$/.test(rest) ? Number(rest) : null;
    if (page === null || page < 1)
      return void (await reply(toView(fmt`After the task I know only a page’s number or ${code('export')}: ${code(USAGE)}.`)));
    await sendTrail(read.taskId, rest === '' ? null : page, invocation, deps);
  },
};

const WHAT_THERE_IS = lines([
  'The audit log holds every decision and every step, each record chained to the one before it.',
  fmt`${code('/audit T-2025-09-28-0012')} who did what, when, and by which rule.`,
  fmt`${code('/audit T-2025-09-28-0012 export')} all evidence of a task as files, which can be verified without this program’s database.`,
  fmt`${code('/audit verify')} recomputes the whole log; as a reply to an anchor’s message also against that message.`,
]);

const makeUnknown = (taskId: string) => toView(fmt`There is no task ${code(taskId)}. /tasks lists them.`);

/** Without a page: all of it, as a file when that would be many messages. */
async function sendTrail(
  taskId: string,
  page: number | null,
  { chat, message, reply, signal }: Invocation,
  deps: CommandDeps,
): Promise<void> {
  const { rpc, outbound, time, clock } = deps;
  const explanation = await explainTask(rpc, taskId);
  if (explanation === null) return void (await reply(makeUnknown(taskId)));
  const options = { time, now: clock() };
  const trail = makeTrailPage(explanation, page ?? 1, options);
  if (page !== null || trail.pageCount <= TRAIL_PAGES) return void (await reply(toView(trail.text)));
  const bytes = Buffer.from(makeTrailFile(explanation, options));
  await outbound.sendFile(
    chat,
    { name: `audit-${taskId}.txt`, bytes, caption: toView(trail.summary) },
    { replyTo: message.message_id, signal },
  );
}

/** Two files: one for programs, which proves itself, and one for people. */
async function sendEvidence(
  taskId: string,
  { chat, message, reply, signal }: Invocation,
  { rpc, outbound, clock }: CommandDeps,
): Promise<void> {
  const found = await exportTask(rpc, taskId);
  if (found === null) return void (await reply(makeUnknown(taskId)));
  const bundle = makeBundle(found, { taskId, exportedAt: clock() });
  const options = { replyTo: message.message_id, signal };
  const caption = toView(
    lines([
      fmt`Evidence of ${code(taskId)}: ${bundle.proof}`,
      fmt`Check it anywhere: ${code(`npm run audit:verify -- evidence-${taskId}.jsonl`)}`,
      fmt`sha256 ${code(bundle.sha256)}`,
    ]),
  );
  await outbound.sendFile(chat, { name: `evidence-${taskId}.jsonl`, bytes: Buffer.from(bundle.text), caption }, options);
  const page = {
    name: `evidence-${taskId}.html`,
    bytes: Buffer.from(makeBundlePage(bundle)),
    caption: toView('The same for reading, in a browser.'),
  };
  await outbound.sendFile(chat, page, options);
}
