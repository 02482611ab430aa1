import type { Mutant } from './mutant.ts';

const CONTROL = 'supabase/migrations/20261122101100_create_control_functions.sql';

/** What of people's words and presses goes past all that waits. */
const INBOX_CONTROLS: readonly Mutant[] = [
  {
    control: 'inbox: the last hands are for a stop alone',
    file: 'src/bot/inbox.ts',
    find: 'const isUrgentOnly = running.size >= CONCURRENCY;',
    replace: 'const isUrgentOnly = running.size >= CONCURRENCY && false;',
    test: 'test/bot/plumbing/inbox.test.ts',
    named: 'a stop is handled while every chat is busy',
  },
  {
    control: 'inbox: urgent only means urgent only',
    file: CONTROL,
    find: "where w.status = 'pending' and w.is_urgent and (w.not_before is null",
    replace: "where w.status = 'pending' and (w.not_before is null",
    test: 'test/sql/inbox/keeps-the-order-of-a-chat.test.ts',
    named: 'takes urgent ones alone',
  },
  {
    control: 'inbox: another body under a known number leaves a record',
    file: CONTROL,
    find: "i.external_id = u ->> 'external_id' where i.payload <> u -> 'payload';",
    replace: "i.external_id = u ->> 'external_id' where false;",
    test: 'test/sql/inbox/keeps-the-order-of-a-chat.test.ts',
    named: 'two bodies under one number in one batch',
  },
];

/** Who has hands of their own. */
const HANDS_CONTROLS: readonly Mutant[] = [
  {
    control: 'jobs: what people wait for has a queue of its own',
    file: 'src/jobs/queue.ts',
    find: 'await queues[JOBS[job].queue].add(',
    replace: 'await queues.work.add(',
    test: 'test/embedded/job-queue.test.ts',
    named: 'while steps that hang have every hand for work',
  },
  {
    control: 'engines: one that hangs has not every hand',
    file: 'src/engines/slots.ts',
    find: '  if (line.free > 0) line.free -= 1;',
    replace: '  if (line.free > 0) line.free -= 0;',
    test: 'test/engines/slots.test.ts',
    named: 'as many at once as there are slots',
  },
];

/** Which troubles of the database are for later. */
const TROUBLE_CONTROLS: readonly Mutant[] = [
  {
    control: 'store: a full disk is for later, not for good',
    file: 'src/store/sqlstate.ts',
    find: "  '53100',",
    replace: '',
    test: 'test/store/rpc.test.ts',
    named: '53100 is store_unavailable',
  },
  {
    control: 'store: a deadlock that stays is for later, not for good',
    file: 'src/store/sqlstate.ts',
    find: '  ...RETRYABLE,',
    replace: '',
    test: 'test/store/rpc.test.ts',
    named: 'gives up after three, and says that later may be better',
  },
  {
    control: 'search: one that the server cuts off has failed',
    file: 'src/memory/recall.ts',
    find: 'NOT_ITS_FAULT.includes(code) && context.isCutOff !== true;',
    replace: 'NOT_ITS_FAULT.includes(code);',
    test: 'test/memory/recall.test.ts',
    named: 'nor one that the server itself cuts off',
  },
];

export const PRECEDENCE_CONTROLS: readonly Mutant[] = [...INBOX_CONTROLS, ...HANDS_CONTROLS, ...TROUBLE_CONTROLS];
