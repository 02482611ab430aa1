import type { StopState } from '../../store/shared-rows.ts';
import { bold, type Fragment, fmt, lines, makeKeyboard, toView, type View } from '../view.ts';
import { inLine } from './quoted.ts';

const MAX_NAME = 60;
const MAX_REASON = 200;

/** Asks a second person to lift the stop. `needs` says who that has to be. Times are UTC: the card is also read where nobody knows the zone. */
export function makeResumeCardView(stop: StopState, token: string, needs: string): View {
  const body = lines([
    fmt`🛑 ${bold('Resume?')} A second person has to confirm: ${bold(needs)}.`,
    '',
    ...describeStop(stop),
    `Asked to resume: ${inLine(stop.resumeAskedBy ?? 'somebody', MAX_NAME)}${toTime(stop.resumeAskedAt)}. The question stands for an hour.`,
    '',
    'Confirming lets everything that waits go on at once; approvals given before the stop still count.',
  ]);
  return toView(body, makeKeyboard([{ text: '▶️ Confirm', callback_data: `r:${token}`, style: 'success' }]));
}

/** What the card says once it has been lifted. */
export function makeResumedCardView({ first, second }: { first: string; second: string }): View {
  return toView(fmt`▶️ ${bold('Resumed')} by ${inLine(first, MAX_NAME)} and ${inLine(second, MAX_NAME)}. What waited goes on.`);
}

function describeStop(stop: StopState): Fragment[] {
  const scope = stop.scope === 'all' ? 'everything, all queues' : 'all T2 and T3 effects';
  return [
    `Stopped: ${scope}, by ${inLine(stop.stoppedBy ?? 'somebody', MAX_NAME)}${toTime(stop.stoppedAt)}`,
    ...(stop.reason === null ? [] : [`Reason: “${inLine(stop.reason, MAX_REASON)}”`]),
  ];
}

const toTime = (moment: string | null): string => (moment === null ? '' : `, ${moment.slice(11, 16)} UTC`);
