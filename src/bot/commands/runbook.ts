import { proposeRunbook } from '../../store/runbooks.ts';
import { tryAll } from '../best-effort.ts';
import { RUNBOOK_TEXTS } from '../errors.ts';
import { code, fmt, lines, toView } from '../view.ts';
import { type Command, DECIDERS } from './command.ts';

const USAGE = '/runbook desync|memory-drift|tool-failure [TOOL]';

export const runbook: Command = {
  name: 'runbook',
  group: 'Emergency',
  description: 'What to do when things are wrong, step by step: first as a dry run',
  usage: USAGE,
  example: '/runbook tool-failure default',
  roles: DECIDERS,
  isRefusedWhenStale: true,
  async run({ args, asker, chat, reply, signal }, deps) {
    const [name = '', subject = null] = args.trim().toLowerCase().split(/\s+/);
    if (name === '') return void (await reply(toView(WHAT_THERE_IS)));
    const { code: refusal, tools, run } = await proposeRunbook(deps.rpc, { externalId: asker.externalId, name, subject, ...chat });
    if (refusal !== null || run === null) {
      const which = refusal === 'unknown_tool' ? ` Tools: ${tools.join(', ')}.` : '';
      return void (await reply(toView(`${RUNBOOK_TEXTS[refusal ?? 'unknown_runbook']}${which}`)));
    }
    await tryAll(deps.log, [deps.cards.showRunbook(run.runId, [], signal)]);
  },
};

const WHAT_THERE_IS = lines([
  'A runbook shows first what each of its steps would do, and does it when you press Run.',
  fmt`${code('/runbook desync')} duplicates, or steps out of order.`,
  fmt`${code('/runbook memory-drift')} tasks went on without the search, or a stored text may have changed.`,
  fmt`${code('/runbook tool-failure')} a model server fails; the tool that fails now, or the one you name.`,
]);
