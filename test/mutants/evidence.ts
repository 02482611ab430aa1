import type { Mutant } from './mutant.ts';

const EVIDENCE = 'src/domain/evidence';
const BUNDLES = 'test/domain/verify-bundle.test.ts';
const SENDING = 'src/effects/deliver-parts.ts';
const LATE = 'test/effects/late-go.test.ts';
const HOLDERS = 'test/sql/stop_effects/names-who-may-still-hold.test.ts';
const CHANGES = 'supabase/migrations/20261122102000_create_changes.sql';
const LINKS = 'test/sql/decide_change/links-two-accounts-of-one-human.test.ts';

/** What an evidence bundle must not say against its chain, or without its anchors. */
const BUNDLE_CONTROLS: readonly Mutant[] = [
  {
    control: 'evidence: a record older than a kept anchor is covered',
    file: `${EVIDENCE}/check-anchors.ts`,
    find: '  if (left === undefined) return [];',
    replace: '  return [];',
    test: BUNDLES,
    named: 'a chain written anew without its anchors and decisions',
  },
  {
    control: 'evidence: an anchor fits to the kept ones beside it',
    file: `${EVIDENCE}/check-anchors.ts`,
    find: '  if (neighbours.length > 0)',
    replace: '  if (false)',
    test: BUNDLES,
    named: 'a kept anchor that should be in the bundle',
  },
  {
    control: 'evidence: a chain is of the day of its task',
    file: `${EVIDENCE}/check-task.ts`,
    find: '    ...checkDay(created),',
    replace: '',
    test: BUNDLES,
    named: 'a chain that was dated after the last anchor',
  },
  {
    control: 'evidence: what the chain names is in the bundle',
    file: `${EVIDENCE}/check-contents.ts`,
    find: '.filter((named) => !artifacts.some((artifact) => isNamed(artifact, named)))',
    replace: '.filter(() => false)',
    test: BUNDLES,
    named: 'the approved post, with its own checksum',
  },
  {
    control: 'evidence: one content stands in one place',
    file: `${EVIDENCE}/check-contents.ts`,
    find: '.filter((ref, index) => refs.indexOf(ref) !== index)',
    replace: '.filter(() => false)',
    test: BUNDLES,
    named: 'a second post in the same place',
  },
  {
    control: 'evidence: the task is the one on record',
    file: `${EVIDENCE}/verify-bundle.ts`,
    find: "    ...checkTask(pickLines(lines, 'task', TaskLine, problems), records),",
    replace: '',
    test: BUNDLES,
    named: 'the requester',
  },
  {
    control: 'evidence: the requests are those on record',
    file: `${EVIDENCE}/check-requests.ts`,
    find: '    ...asked.flatMap((record) => checkRequest(record, requests, records)),',
    replace: '',
    test: BUNDLES,
    named: 'the slots',
  },
  {
    control: 'evidence: a request ended as the chain says',
    file: `${EVIDENCE}/check-requests.ts`,
    find: '    ...(hasEndOnRecord(line, records) ?',
    replace: '    ...(true ?',
    test: BUNDLES,
    named: 'how it was decided',
  },
  {
    control: 'evidence: no decision is left out',
    file: `${EVIDENCE}/check-requests.ts`,
    find: '.filter(({ action, object, actor }) => !decisions.some((line) => isKept(line, action, object, actor)))',
    replace: '.filter(() => false)',
    test: BUNDLES,
    named: 'a chain written anew without its anchors and decisions',
  },
  {
    control: 'evidence: the effects are those on record',
    file: `${EVIDENCE}/check-effects.ts`,
    find: 'return [...checkEffect(line, own), ...checkMessages(line, attempts, own)];',
    replace: 'return checkMessages(line, attempts, own);',
    test: BUNDLES,
    named: 'where it went',
  },
  {
    control: 'evidence: the messages are those on record',
    file: `${EVIDENCE}/check-effects.ts`,
    find: 'return [...checkEffect(line, own), ...checkMessages(line, attempts, own)];',
    replace: 'return checkEffect(line, own);',
    test: BUNDLES,
    named: 'the message',
  },
  {
    control: 'evidence: an effect that is not on record is named',
    file: `${EVIDENCE}/check-effects.ts`,
    find: '.filter(({ effect_id }) => !granted.has(effect_id))',
    replace: '.filter(() => false)',
    test: BUNDLES,
    named: 'an effect that never was',
  },
];

/** What a stop and its answer hold on to, after the gate has spoken. */
const WAKING_CONTROLS: readonly Mutant[] = [
  {
    control: 'stop: a go that is too old is not used',
    file: SENDING,
    find: 'await send(() => now() - askedAtMs <= GO_LASTS_MS);',
    replace: 'await send(() => true);',
    test: LATE,
    named: 'a process that slept through a stop sends nothing',
  },
  {
    control: 'stop: the age of a go is looked at right before the call',
    file: 'src/bot/messenger.ts',
    find: '(isFresh() ? send(patience) : Promise.resolve(null))',
    replace: 'send(patience)',
    test: 'test/bot/plumbing/outbound.test.ts',
    named: 'a go that has become too old is looked at last',
  },
  {
    control: 'stop: what certainly did not leave is no doubt',
    file: SENDING,
    find: "result.reason === 'late' ? 'void' : 'refused'",
    replace: "'refused'",
    test: LATE,
    named: 'a process that slept after the go asks again',
  },
  {
    control: 'stop: silent holders of a step are named',
    file: 'supabase/migrations/20261122107210_name_silent_holders.sql',
    find: "where w.seen_at is null or w.seen_at <= now() - interval '30 seconds'",
    replace: 'where w.seen_at is null',
    test: HOLDERS,
    named: 'one that fell silent with a step in hand',
  },
  {
    control: 'stop: silent holders of a message are named',
    file: 'supabase/migrations/20261122107210_name_silent_holders.sql',
    find: "where e.status in ('granted', 'in_doubt') and exists",
    replace: 'where false and exists',
    test: HOLDERS,
    named: 'one that began to send is named',
  },
];

const FACTOR_CONTROLS: readonly Mutant[] = [
  {
    control: 'second factor: linked accounts keep a confirmed one',
    file: CHANGES,
    find: '  update public.second_factors f set person_id = v_person_id where f.person_id = v_other_id and f.confirmed_at is not null',
    replace: '  update public.second_factors f set person_id = v_person_id where false',
    test: LINKS,
    named: 'is carried over where the other account has none',
  },
  {
    control: 'second factor: the message with the key is taken back',
    file: 'src/bot/commands/enrol.ts',
    find: '(await outbound.tryRemove({ ...chat, messageId: keyMessageId }));',
    replace: 'true;',
    test: 'test/bot/governance/second-factor.test.ts',
    named: 'an owner enrols in private',
  },
];

export const EVIDENCE_CONTROLS: readonly Mutant[] = [...BUNDLE_CONTROLS, ...WAKING_CONTROLS, ...FACTOR_CONTROLS];
