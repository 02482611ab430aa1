import { expect, test } from 'vitest';
import { judgePostgres, type PostgresFacts } from '../../src/servers/postgres-safety.ts';

const good: PostgresFacts = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' };
const judge = (facts: Partial<PostgresFacts>) => judgePostgres({ ...good, ...facts }, 'DATABASE_URL');

test.each(['on', 'local', 'remote_write', 'remote_apply'])(
  'a PostgreSQL that writes before it confirms is fine: synchronous_commit %s',
  (value) => {
    expect(judge({ synchronous_commit: value })).toEqual({ problems: [], warnings: [] });
  },
);

test.each(['fsync', 'full_page_writes', 'synchronous_commit'] as const)('%s off is a reason not to start, with the remedy', (name) => {
  const { problems, warnings } = judge({ [name]: 'off' });
  expect(warnings).toEqual([]);
  expect(problems).toHaveLength(1);
  for (const part of ['DATABASE_URL: ', `${name} off`, `set ${name} = on`]) expect(problems[0]).toContain(part);
});

test('what it does not let one read is warned of, not refused', () => {
  const { problems, warnings } = judge({ fsync: null, full_page_writes: null });
  expect(problems).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('setting fsync'), expect.stringContaining('setting full_page_writes')]);
});
