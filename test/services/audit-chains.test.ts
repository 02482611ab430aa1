import { afterAll, expect, test } from 'vitest';
import type { Anchor } from '../../src/domain/evidence/anchor.ts';
import { makeAnchor } from '../../src/store/anchors.ts';
import { verifyAudit } from '../../src/store/audit.ts';
import { planTask } from '../support/stories.ts';
import { openRacingStory, race } from './support/story.ts';

const db = await openRacingStory();
afterAll(() => db.close());

const WRITERS = 8;
const RECORDS = 100;
const CHAINS = ['race-one', 'race-two'];
const append = (chain: string, object: string) =>
  db.sql('select public._audit($1, $2, $3, $4, null, $5)', [chain, 'system', 'race.append', object, { object }]);

test('8 writers on the same chains never fork one, while anchors are made over what is there', async () => {
  const anchors: Anchor[] = [];
  let isWriting = true;
  const anchoring = (async () => {
    while (isWriting) {
      const { anchor } = await makeAnchor(db.rpc('ags_worker'), 0);
      if (anchor !== null) anchors.push(anchor);
    }
  })();
  await race(WRITERS, async (writer) => {
    for (let record = 0; record < RECORDS; record += 1) await append(CHAINS[record % CHAINS.length] ?? '', `${writer}/${record}`);
  });
  isWriting = false;
  await anchoring;
  const rows = await db.sql(
    `select chain, count(*)::int as records, max(seq)::int as last, count(distinct seq)::int as places, count(distinct prev_hash)::int as links
     from public.audit_logs where chain = any ($1) group by chain`,
    [CHAINS],
  );
  const each = (WRITERS * RECORDS) / CHAINS.length;
  expect(rows).toHaveLength(CHAINS.length);
  for (const row of rows) expect(row).toMatchObject({ records: each, last: each, places: each, links: each });
  expect(anchors.length).toBeGreaterThan(1);
  expect(await verifyAudit(db.rpc('ags_reader'), { kept: anchors, rangeSize: 50, concurrency: 4 })).toMatchObject({ problems: [] });
});

test('of several that make an anchor at once, one does', async () => {
  await planTask(db);
  const made = await race(WRITERS, () => makeAnchor(db.rpc('ags_worker'), 0));
  expect(made.filter(({ outcome }) => outcome === 'made')).toHaveLength(1);
});
