import type { MoneyOrder } from '../../src/domain/order.ts';
import { type AccountSnapshot, askAccount, CHECKLIST_ITEMS, recordAccount, recordPayerCheck } from '../../src/store/money.ts';
import { approveTask } from './stories.ts';
import { claim, makeNode, type TaskOptions } from './story-steps.ts';
import { PEOPLE, PLACES, type StoryDatabase } from './story-world.ts';

/** The program has no executor for money yet: a story says that it has, and the gate is the real one. */
const CAN_MOVE_MONEY = {
  executors: ['PAYMENT', 'WITHDRAWAL', 'TRADE'],
  channels: Object.fromEntries(['payment', 'withdrawal', 'trade'].map((kind) => [kind, { chat_id: PLACES.admin, topic_id: null }])),
};

export const PAYER = `tg:${PEOPLE.member}`;
export const ACCOUNT = 'main';

export const payment = (amount: string, changed: Partial<Extract<MoneyOrder, { payer: string }>> = {}): MoneyOrder => ({
  kind: 'payment',
  amount,
  currency: 'USDT',
  payer: PAYER,
  payee: 'house:main',
  ...changed,
});

export const trade = (risk: string, changed: Partial<Extract<MoneyOrder, { account: string }>> = {}): MoneyOrder => ({
  kind: 'trade',
  account: ACCOUNT,
  symbol: 'XAUUSD',
  side: 'buy',
  size: '0.5',
  risk,
  ...changed,
});

const ACTIONS = { payment: ['exec', 'PAYMENT'], withdrawal: ['exec', 'WITHDRAWAL'], trade: ['trader', 'TRADE'] } as const;

/** A task whose one effect, `T-…/move`, moves this money. */
export function moving(order: MoneyOrder): TaskOptions {
  const [agent, action] = ACTIONS[order.kind];
  return { order, plan: CAN_MOVE_MONEY, nodes: [makeNode('act', 'exec', 'DRAFT_REPLY'), makeNode('move', agent, action, ['act'])] };
}

/** Approved by everybody, and claimed: the gate is next. */
export async function readyToMove(db: StoryDatabase, order: MoneyOrder) {
  const { taskId } = await approveTask(db, moving(order));
  return claim(db, `${taskId}/move`);
}

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);

/** Everything about a payer has been looked at, and was well. */
export async function passChecklist(db: StoryDatabase, payer: string = PAYER, days = 365): Promise<void> {
  for (const item of CHECKLIST_ITEMS) {
    const check = { externalId: PEOPLE.operator, payer, item, outcome: 'passed', validUntil: inDays(days) } as const;
    const { code } = await recordPayerCheck(db.rpc('ags_bot'), check);
    if (code !== null) throw new Error(`${item} of ${payer} was not recorded: ${code}`);
  }
}

/** What the broker says about an account that has lost nothing. */
export const HEALTHY: AccountSnapshot = { currency: 'USD', equity: '10000', dayStartEquity: '10000', realisedLoss: '0', positions: [] };

/** Asks about an account and records what the broker says. */
export async function tellAccount(db: StoryDatabase, changed: Partial<AccountSnapshot> = {}, accountId = ACCOUNT): Promise<boolean> {
  const worker = db.rpc('ags_worker');
  const { askedSeq } = await askAccount(worker, accountId);
  return (await recordAccount(worker, accountId, askedSeq, { ...HEALTHY, ...changed })).isTaken;
}

/** As if the payments so far had been made that much earlier. */
export async function letPaymentsAge(db: StoryDatabase, interval: string): Promise<void> {
  await db.sql(
    `update public.effects set granted_at = granted_at - $1::interval, settled_at = settled_at - $1::interval where kind in ('payment', 'withdrawal')`,
    [interval],
  );
}
