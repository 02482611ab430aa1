import { askDrill } from '../../store/drills.ts';
import { tryAll, tryDeliver } from '../best-effort.ts';
import { DRILL_TEXTS } from '../errors.ts';
import { code, fmt, plural, toView } from '../view.ts';
import { type Command, DECIDERS } from './command.ts';

export const drill: Command = {
  name: 'drill',
  group: 'Emergency',
  description: 'Try the emergency stop on a dummy: does it hold, and how fast',
  usage: '/drill stop',
  example: '/drill stop',
  roles: DECIDERS,
  isRefusedWhenStale: true,
  async run({ args, asker, chat, message, reply }, deps) {
    if (args.trim().toLowerCase() !== 'stop') {
      await reply(toView(fmt`I can drill the emergency stop: ${code('/drill stop')}. Real work goes on meanwhile.`));
      return;
    }
    const asked = await askDrill(deps.rpc, { externalId: asker.externalId, ...chat, messageId: message.message_id });
    const { code: refusal, workerCount } = asked;
    const word = refusal === null ? describeAsked(workerCount) : DRILL_TEXTS[refusal];
    await tryAll(deps.log, [reply(toView(word)), tryDeliver(deps, asked.deliver)]);
  },
};

function describeAsked(workerCount: number): string {
  if (workerCount === 0) return 'Asked, but no worker is alive to run the drill: it begins as soon as there is one.';
  return `The drill begins: ${plural(workerCount, 'worker')} ${workerCount === 1 ? 'has' : 'have'} to acknowledge. The result follows here.`;
}
