import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFreePort } from '../../scripts/free-port.ts';
import { CHATS } from '../../src/sandbox/world.ts';
import { openWorld, startProgram } from '../support/program.ts';
import { until } from '../support/telling.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ags-refused-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Runs until it ends by itself. */
async function run(variables: Record<string, string>, args: string[] = []) {
  const program = startProgram({ PORT: '0', DATA_DIR: join(dir, 'data'), ...variables }, args);
  const code = await program.ended;
  return {
    code,
    problems: program
      .stderr()
      .trim()
      .split('\n')
      .map((line) => line.trim()),
    lines: program.lines,
  };
}

test('every problem of the configuration at once, one readable line each, without the values of secrets', async () => {
  const { code, problems } = await run({
    PORT: 'eighty',
    AGS_OWNER_IDS: '@olivia',
    TELEGRAM_BOT_TOKEN: 'not-a-token-but-secret',
    LOG_LEVEL: 'loud',
    AGS_TIMEZONE: 'Mars/Olympus',
    TELEGRAM_WEBHOOK_URL: 'https://ags.example.com',
  });
  expect(code).toBe(78);
  const starts = ['PORT:', 'AGS_OWNER_IDS:', 'TELEGRAM_BOT_TOKEN:', 'LOG_LEVEL:', 'AGS_TIMEZONE:', 'TELEGRAM_WEBHOOK_SECRET:'];
  for (const start of starts)
    expect(
      problems.filter((line) => line.startsWith(start)),
      start,
    ).toHaveLength(1);
  expect(problems.join('\n')).not.toContain('not-a-token-but-secret');
  expect(problems.join('\n')).not.toMatch(/\bat .*\.ts:\d+/);
  // Nothing was made for a program that cannot run.
  expect(await readdir(dir)).toEqual([]);
}, 30_000);

test('one role alone without the servers it needs', async () => {
  const { code, problems } = await run({}, ['bot']);
  expect(code).toBe(78);
  expect(problems.join('\n')).toContain('REDIS_URL');
  expect(problems.join('\n')).toMatch(/SUPABASE_URL|DATABASE_URL/);
  const unknown = await run({}, ['cook']);
  expect(unknown.code).toBe(78);
  expect(unknown.problems.join('\n')).toContain('cook');
}, 30_000);

test('a bad policy file is named with path and reason', async () => {
  const missing = await run({ AGS_POLICY_FILE: join(dir, 'nowhere.yaml') });
  expect(missing.code).toBe(78);
  expect(missing.problems.join('\n')).toContain('nowhere.yaml');
  const policy = join(dir, 'policy.yaml');
  await writeFile(
    policy,
    `version: 1
limits: { trading: { max_daily_loss_pct: 5, max_drawdown_pct: 10, max_positions: 3 }, payments: { max_single_tx_usdt: 500, cool_down_minutes: 30 } }
risk_tiers: { T0: [READ], T1: [SUMMARIZE], T2: [PUBLISH], T3: [TRADE] }
approvals: { T2: ["critic>=0.8", "operator_approval"], T3: ["critic>=0.9", "owner_approval", "dry_run_required"] }
agents: { planner: "planner:v2", critic: "critic:guard-v4", exec: "executor:v2" }
surprise: yes
`,
  );
  const { code, problems } = await run({ AGS_POLICY_FILE: policy });
  expect(code).toBe(78);
  expect(problems.join('\n')).toMatch(/approvals\.T3.*: /);
  expect(problems.join('\n')).toMatch(/surprise/);
  // Both at once, and before anything is made.
  const both = await run({ AGS_POLICY_FILE: policy, PORT: 'eighty', DATA_DIR: join(dir, 'never-made') });
  expect(both.code).toBe(78);
  expect(both.problems.join('\n')).toMatch(/PORT: [\s\S]*AGS_POLICY_FILE: .*policy\.yaml: .*surprise/);
  expect(await readdir(dir)).not.toContain('never-made');
}, 60_000);

test('a data directory that another process uses, and a port that is taken', async () => {
  const data = { DATA_DIR: join(dir, 'used') };
  const first = startProgram({ PORT: '0', ...data });
  const url = await first.started();
  const second = await run(data);
  expect(second.code).toBe(78);
  const lock = (await readdir(join(dir, 'used'))).find((name) => name.startsWith('process-')) ?? '';
  expect(second.problems.join('\n')).toContain(`is used by process ${lock.split('-')[1]}`);
  const other = await run({ DATA_DIR: join(dir, 'other'), PORT: new URL(url).port });
  expect(other.code).toBe(78);
  expect(other.problems.join('\n')).toContain(`PORT: ${new URL(url).port} is in use`);
  // The first one has not noticed.
  expect((await fetch(`${url}/health`)).status).toBe(200);
  first.signal('SIGTERM');
  expect(await first.ended).toBe(0);
}, 90_000);

test('a transaction pooler as the database is refused, without the password of its address', async () => {
  const pooler = 'postgresql://ags:hidden-word@aws-0-eu.pooler.supabase.com:6543/postgres';
  const { code, problems } = await run({ DATABASE_URL: pooler, REDIS_URL: 'redis://127.0.0.1:1' });
  expect(code).toBe(78);
  expect(problems.join('\n')).toMatch(/DATABASE_URL: port 6543 is the transaction pooler/);
  expect(problems.join('\n')).not.toContain('hidden-word');
}, 30_000);

test('a database that is away is waited for, with lines that name it and not its password; ending meanwhile is a clean end', async () => {
  const program = startProgram({
    PORT: '0',
    DATA_DIR: join(dir, 'database-away'),
    DATABASE_URL: 'postgresql://ags:hidden-word@127.0.0.1:1/ags',
    REDIS_URL: 'redis://127.0.0.1:1',
  });
  const waits = () => program.lines.filter((line) => line.includes('"msg":"waiting for the database"')).length > 1;
  await until(waits, { timeoutMs: 30_000 });
  program.signal('SIGTERM');
  expect(await program.ended).toBe(0);
  expect(program.lines.join('\n')).toContain('DATABASE_URL: PostgreSQL does not answer at 127.0.0.1:1');
  expect([program.stderr(), ...program.lines].join('\n')).not.toContain('hidden-word');
}, 60_000);

test('a data directory that cannot be made or written to, with the sandbox and with a bot', async () => {
  await writeFile(join(dir, 'file'), '');
  const bot = { TELEGRAM_BOT_TOKEN: '123456789:AAHsecret-secret-secret-secret-12345', AGS_ADMIN_CHAT_ID: '-1001', AGS_OWNER_IDS: '101' };
  // In the last one nobody may make a file, not even root.
  for (const dataDir of [join(dir, 'file', 'below'), '/sys']) {
    for (const more of [{}, bot]) {
      const { code, problems } = await run({ ...more, DATA_DIR: dataDir });
      expect(code).toBe(78);
      expect(problems).toEqual([expect.stringMatching(/^DATA_DIR: .* cannot be written to \(E[A-Z]+\); make it a directory of the user/)]);
      expect(problems[0]).toContain(dataDir);
    }
  }
}, 60_000);

test('the sandbox on an address that only others reach says which variable to change', async () => {
  const { code, problems } = await run({ HOST: '192.0.2.7' });
  expect(code).toBe(78);
  expect(problems.join('\n')).toContain('HOST: 192.0.2.7 is no loopback address');
}, 30_000);

let server: Server | undefined;
afterAll(() => server?.close());

test('a Telegram that does not know the token ends the start with a sentence, not with a stack and not with the token', async () => {
  server = createServer((_, response) => {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end('{"ok":false,"error_code":401,"description":"Unauthorized"}');
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // A server that listens on TCP has an address object.
  const token = '123456789:AAHsecret-secret-secret-secret-12345';
  const { code, problems, lines } = await run({
    DATA_DIR: join(dir, 'token'),
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_API_ROOT: `http://127.0.0.1:${port}`,
    AGS_ADMIN_CHAT_ID: '-1001',
    AGS_OWNER_IDS: '101',
  });
  expect(code).toBe(78);
  expect(problems.join('\n')).toContain('TELEGRAM_BOT_TOKEN');
  expect([...problems, ...lines].join('\n')).not.toContain('AAHsecret');
}, 60_000);

test('an admin group that approvals cannot be asked in ends the start with a sentence that names it', async () => {
  await using world = await openWorld();
  world.telegram.setProtectedContent(CHATS.admin.id, true);
  const { code, problems } = await run(world.variables);
  expect(code).toBe(78);
  expect(problems.join('\n')).toContain('AGS_ADMIN_CHAT_ID: "AGS Admin" protects its content');
}, 60_000);

test('a Telegram that is away is waited for, and /ready says so; ending meanwhile is a clean end', async () => {
  const port = await findFreePort();
  const program = startProgram({
    PORT: String(port),
    DATA_DIR: join(dir, 'away'),
    TELEGRAM_BOT_TOKEN: '123456789:AAHsecret-secret-secret-secret-12345',
    TELEGRAM_API_ROOT: 'http://127.0.0.1:9',
    AGS_ADMIN_CHAT_ID: '-1001',
    AGS_OWNER_IDS: '101',
  });
  await until(() => program.lines.some((line) => line.includes('Telegram does not answer, the start waits for it')), { timeoutMs: 30_000 });
  const ready = await fetch(`http://127.0.0.1:${port}/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({
    status: 'not_ready',
    checks: { store: 'ok', queue: 'ok', telegram: 'Telegram does not answer' },
  });
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  program.signal('SIGTERM');
  expect(await program.ended).toBe(0);
  expect(program.stderr()).toBe('');
  expect(program.lines.join('')).not.toContain('AAHsecret');
}, 60_000);
