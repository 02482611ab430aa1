import { afterAll, beforeEach, expect, test } from 'vitest';
import { claimLease, releaseLease } from '../../../src/store/leases.ts';
import { takeOver } from '../../../src/store/steps.ts';
import { openTestDatabase } from '../../support/database.ts';

const db = await openTestDatabase();
afterAll(() => db.close());
beforeEach(() => db.sql('delete from public.leases'));
const bot = db.rpc('ags_bot');

const claim = (holder: string, name = 'telegram-poller') => claimLease(bot, { name, holder, seconds: 60 });
const release = (holder: string) => releaseLease(bot, { name: 'telegram-poller', holder });
const runOut = () => db.sql(`update public.leases set expires_at = clock_timestamp() - interval '1 second'`);
const look = async () =>
  (await db.sql('select holder, claimed_at, expires_at, expires_at > clock_timestamp() as is_running from public.leases'))[0];

test('the first one holds it, a second one learns who', async () => {
  expect(await claim('bot-1')).toEqual({ isHeld: true, holder: 'bot-1' });
  expect(await claim('bot-2')).toEqual({ isHeld: false, holder: 'bot-1' });
  expect(await claim('bot-2', 'something-else')).toEqual({ isHeld: true, holder: 'bot-2' });
});

test('the holder renews it: it ends later, and has been held since the same moment', async () => {
  await claim('bot-1');
  const before = await look();
  expect(await claim('bot-1')).toEqual({ isHeld: true, holder: 'bot-1' });
  const after = await look();
  expect(after?.claimed_at).toEqual(before?.claimed_at);
  expect(Number(after?.expires_at)).toBeGreaterThan(Number(before?.expires_at));
});

test('a lease that has run out goes to whoever asks first, also back to its holder', async () => {
  await claim('bot-1');
  await runOut();
  expect(await claim('bot-2')).toEqual({ isHeld: true, holder: 'bot-2' });
  expect(await claim('bot-1')).toEqual({ isHeld: false, holder: 'bot-2' });
  await runOut();
  expect(await claim('bot-2')).toEqual({ isHeld: true, holder: 'bot-2' });
  expect(await look()).toMatchObject({ is_running: true });
});

test('given back it is free at once; giving back somebody else’s changes nothing', async () => {
  await claim('bot-1');
  expect(await release('bot-2')).toEqual({ isReleased: false });
  expect(await claim('bot-2')).toEqual({ isHeld: false, holder: 'bot-1' });
  expect(await release('bot-1')).toEqual({ isReleased: true });
  expect(await release('bot-1')).toEqual({ isReleased: false });
  expect(await claim('bot-2')).toEqual({ isHeld: true, holder: 'bot-2' });
});

test('a process that is alone on its database frees what one before it held', async () => {
  await claim('bot-1');
  await takeOver(db.rpc('ags_worker'), 'bot-2');
  expect(await claim('bot-2')).toEqual({ isHeld: true, holder: 'bot-2' });
});

test.each([0, -1, 3601])('%i seconds are refused', async (seconds) => {
  await expect(claimLease(bot, { name: 'telegram-poller', holder: 'bot-1', seconds })).rejects.toMatchObject({ code: 'input_invalid' });
});

test.each(['', 'Telegram', '-poller', 'a b'])('a lease named %j is refused', async (name) => {
  await expect(claim('bot-1', name)).rejects.toMatchObject({ code: 'store_failed' });
});
