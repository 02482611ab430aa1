import type { Mutant } from './mutant.ts';

const PEOPLE = 'supabase/migrations/20261122100200_create_people.sql';
const TASKS = 'supabase/migrations/20261122100700_create_task_functions.sql';
const PLANS = 'supabase/migrations/20261122100800_create_plan_functions.sql';
const APPROVALS = 'supabase/migrations/20261122100900_create_approval_functions.sql';
const EFFECTS = 'supabase/migrations/20261122101000_create_effect_functions.sql';
const CONTROL = 'supabase/migrations/20261122101100_create_control_functions.sql';
const CHANGES = 'supabase/migrations/20261122102000_create_changes.sql';
const DENIALS = 'supabase/migrations/20261122102320_keep_denials.sql';
const GLASS = 'supabase/migrations/20261122103000_break_glass.sql';
const LINKED = 'test/sql/who_is_who/linked-after-the-end.test.ts';
const STANDS_IN = 'test/sql/who_is_who/stands-in-for-another.test.ts';

/** One human is one person: under another account, by a role that is lent, and whoever starts the program. */
export const PEOPLE_CONTROLS: readonly Mutant[] = [
  {
    control: 'who is who: whoever asked is known of tasks that are over too',
    file: CHANGES,
    find: 'select t.task_id from public.tasks t where t.requester_person_id = p_other_id',
    replace: 'select t.task_id from public.tasks t where (t.ended_at is null and t.requester_person_id = p_other_id)',
    test: LINKED,
    named: 'asked under one account, expired, linked, asked again',
  },
  {
    control: 'who is who: a task is taken from the person of that moment',
    file: TASKS,
    find: 'v_person_id := public._hold_person(p_external_id);',
    replace: 'v_person_id := null;',
    test: LINKED,
    named: 'asked under one account, expired, linked, asked again',
  },
  {
    control: 'who is who: a denial holds for the person',
    file: DENIALS,
    find: 'or denied.requester_person_id = t.requester_person_id or',
    replace: 'or',
    test: 'test/sql/denial_rules/a-rejection-holds-for-a-day.test.ts',
    named: 'it holds for every account of that person',
  },
  {
    control: 'who is who: a start gives nobody a further role',
    file: PEOPLE,
    find: 'elsif v_person_id = any (v_known) then',
    replace: 'elsif false then',
    test: 'test/sql/seed_people/gives-a-role-once.test.ts',
    named: 'whoever had any role gets no other one: somebody who lost another role',
  },
  {
    control: 'stand-in: speaks for whoever lent the role',
    file: CHANGES,
    find: "where r.person_id = p_person_id and r.source = 'delegation' and public._fits_change_slot(p_kind, p_slot, array[r.role])",
    replace: 'where false',
    test: STANDS_IN,
    named: 'not beside the one who lent the role, whoever comes first',
  },
  {
    control: 'stand-in: not where the one who lent the role asked',
    file: APPROVALS,
    find: 'or (p_request.requester_person_id = any (public._behind(null, p_person_id, f, clock_timestamp()))) is not true order by x.place);',
    replace: 'or true order by x.place);',
    test: STANDS_IN,
    named: 'not where the one who lent the role asked',
  },
  {
    control: 'stand-in: not beside the one who lent the role, for a task',
    file: APPROVALS,
    find: 'where not public._behind(null, p_person_id, f, clock_timestamp()) && v_others order by x.place);',
    replace: 'order by x.place);',
    test: STANDS_IN,
    named: 'not beside the one who lent the role, whoever comes first',
  },
  {
    control: 'stand-in: not beside the one who lent the role, for a change',
    file: CHANGES,
    find: 'where not public._behind(p_change.kind, p_person_id, f, clock_timestamp()) && v_others order by x.place);',
    replace: 'order by x.place);',
    test: STANDS_IN,
    named: 'a change is not of two people when one stands in for the other',
  },
  {
    control: 'stand-in: is not taken for a second person when a change is proposed',
    file: CHANGES,
    find: 'and (r.delegated_by = any (p_change.proposed_by || public._concerned(p_change.payload))) is not true',
    replace: '',
    test: STANDS_IN,
    named: 'what only such a pair could decide is refused at once',
  },
  {
    control: 'stand-in: is not taken for a second person when a task is planned',
    file: PLANS,
    find: "and (v_separation = 'any' or (r.delegated_by = p_requester) is not true) group by r.person_id",
    replace: 'group by r.person_id',
    test: STANDS_IN,
    named: 'also where an operator is left beside them',
  },
  {
    control: 'stand-in: does not lift a stop with the one who lent the role',
    file: CONTROL,
    find: "&& public._behind(null, x.other_id, 'operator', clock_timestamp())) then 'stand_in'",
    replace: "&& '{}'::uuid[]) then 'stand_in'",
    test: STANDS_IN,
    named: 'the two do not lift a stop',
  },
  {
    control: 'stand-in: does not send again with the one who lent the role',
    file: EFFECTS,
    find: "&& public._behind(null, v_effect.doubt_resend_by, v_effect.doubt_resend_slot, clock_timestamp()) then 'stand_in'",
    replace: "&& '{}'::uuid[] then 'stand_in'",
    test: STANDS_IN,
    named: 'the two do not send again what may have landed',
  },
  {
    control: 'stand-in: does not review what the one who lent the role opened',
    file: GLASS,
    find: "'owner', v_change.created_at) then 'stand_in'",
    replace: "'owner', v_change.created_at) and false then 'stand_in'",
    test: STANDS_IN,
    named: 'the two do not break a glass, and the one does not review what the other opened',
  },
  {
    control: 'stand-in: fills no slot of a broken glass beside the one who lent the role',
    file: GLASS,
    find: 'and not b.people && v_others',
    replace: '',
    test: STANDS_IN,
    named: 'a glass is not filled by whoever stands in for the one who asked or has approved',
  },
];
