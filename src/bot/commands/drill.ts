import { askDrill } from '../../store/drills.ts';
import { askFallbackCheck } from '../../store/fallback-checks.ts';
import { tryAll, tryDeliver } from '../best-effort.ts';
import { DRILL_TEXTS } from '../errors.ts';
import { code, fmt, plural, toView } from '../view.ts';
import { type Command, DECIDERS } from './command.ts';

export const drill: Command = {
  name: 'drill',
  group: 'Emergency',
  description: 'Try the emergency stop or the fallbacks on a dummy',
  usage: '/drill stop | fallbacks',
  example: '/drill stop',
  roles: DECIDERS,
  isRefusedWhenStale: true,
  async run({ args, asker, chat, message, reply }, deps) {
    const what = args.trim().toLowerCase();
    const where = { externalId: asker.externalId, ...chat, messageId: message.message_id };
    if (what === 'fallbacks') {
      const { code: refusal, deliver } = await askFallbackCheck(deps.rpc, where);
      const answer = reply(toView(refusal === null ? FALLBACKS_ASKED : DRILL_TEXTS[refusal]));
      return void (await tryAll(deps.log, [answer, tryDeliver(deps, deliver)]));
    }
    if (what !== 'stop') {
      await reply(
        toView(
          fmt`I can drill the emergency stop by ${code('/drill stop')}, and try the fallbacks by ${code('/drill fallbacks')}. Real work goes on meanwhile.`,
        ),
      );
      return;
    }
    const asked = await askDrill(deps.rpc, where);
    const { code: refusal, workerCount } = asked;
    const word = refusal === null ? describeAsked(workerCount) : DRILL_TEXTS[refusal];
    await tryAll(deps.log, [reply(toView(word)), tryDeliver(deps, asked.deliver)]);
  },
};

const FALLBACKS_ASKED = 'The fallbacks are tried on a dummy; two small questions go to a model. The result follows here.';

function describeAsked(workerCount: number): string {
  if (workerCount === 0) return 'Asked, but no worker is alive to run the drill: it begins as soon as there is one.';
  return `The drill begins: ${plural(workerCount, 'worker')} ${workerCount === 1 ? 'has' : 'have'} to acknowledge. The result follows here.`;
}
