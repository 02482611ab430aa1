import fc from 'fast-check';
import { PEOPLE } from '../../support/story-world.ts';

const { owner, secondOwner, operator, secondOperator, reviewer, member } = PEOPLE;
export const EVERYBODY: readonly number[] = [owner, secondOwner, operator, secondOperator, reviewer, member];
export const ROLES = ['owner', 'operator', 'reviewer'] as const;
export type Role = (typeof ROLES)[number];
export type Team = ReadonlyMap<number, readonly Role[]>;

/** Where somebody presses: only the first two are the request that is open now. */
export type Place = 'reference' | 'card' | 'old reference' | 'another message';

export type Command =
  | { do: 'approve'; by: number; at: Place; as: 'owner' | 'operator' | undefined }
  | { do: 'reject'; by: number; at: Place; hasReason: boolean }
  | { do: 'edit'; by: number }
  | { do: 'cancel'; by: number }
  | { do: 'stop'; by: number }
  | { do: 'resume'; by: number }
  | { do: 'grant' | 'revoke'; by: number; second: number; to: number; role: Role }
  | { do: 'delegate'; by: number; second: number; to: number; role: Role }
  /** Critic and the showing of what is asked, as far as they can go now. */
  | { do: 'work' }
  | { do: 'claim' }
  | { do: 'authorize'; flaw: 'checksum' | 'target' | 'parts' | 'old hold' | null }
  | { do: 'send'; isNoted: boolean }
  | { do: 'settle'; as: 'done' | 'again' }
  | { do: 'let time pass for'; what: 'request' | 'delegations' }
  /** With lost workers first: their leases are over. */
  | { do: 'sweep'; isWorkerLost: boolean };

/** Somebody who may well be allowed to, more often than not. */
const decider = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(owner, secondOwner, secondOperator) },
  { weight: 2, arbitrary: fc.constantFrom(...EVERYBODY) },
);
const anybody = fc.constantFrom(...EVERYBODY);
const role = fc.constantFrom(...ROLES);
const place = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Place>('reference', 'card') },
  { weight: 1, arbitrary: fc.constantFrom<Place>('old reference', 'another message') },
);
const flaw = fc.oneof(
  { weight: 5, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: fc.constantFrom('checksum', 'target', 'parts', 'old hold' as const) },
);

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('approve' as const),
      by: decider,
      at: place,
      as: fc.oneof(
        { weight: 4, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom('owner' as const, 'operator' as const) },
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reject' as const), by: decider, at: place, hasReason: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('edit' as const), by: decider }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), by: anybody }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('stop' as const), by: anybody }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('resume' as const), by: decider }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('grant' as const), by: decider, second: decider, to: anybody, role }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('revoke' as const), by: decider, second: decider, to: anybody, role }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delegate' as const), by: decider, second: decider, to: anybody, role }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('work' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('claim' as const) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('authorize' as const), flaw }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('send' as const), isNoted: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('settle' as const), as: fc.constantFrom('done' as const, 'again' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('let time pass for' as const),
      what: fc.constantFrom('request' as const, 'delegations' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sweep' as const), isWorkerLost: fc.boolean() }) },
);

const APPROVED: Command[] = [
  { do: 'approve', by: secondOperator, at: 'reference', as: undefined },
  { do: 'approve', by: secondOwner, at: 'card', as: undefined },
];
const HELD: Command[] = [...APPROVED, { do: 'claim' }];
const GRANTED: Command[] = [...HELD, { do: 'authorize', flaw: null }];
/** Far enough that what is worth breaking is there: most sequences that begin with nothing never reach a grant. */
const HEAD_STARTS: Command[][] = [
  HELD,
  [...GRANTED, { do: 'send', isNoted: true }, { do: 'settle', as: 'done' }],
  [...GRANTED, { do: 'stop', by: reviewer }, { do: 'resume', by: secondOperator }, { do: 'resume', by: owner }],
  [
    { do: 'stop', by: reviewer },
    { do: 'resume', by: owner },
    { do: 'resume', by: owner },
  ],
  [
    { do: 'delegate', by: secondOwner, second: owner, to: member, role: 'operator' },
    { do: 'approve', by: member, at: 'card', as: undefined },
    { do: 'let time pass for', what: 'delegations' },
    { do: 'sweep', isWorkerLost: false },
  ],
];
const headStart = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 5,
    // Half of them in full.
    arbitrary: fc.tuple(fc.constantFrom(...HEAD_STARTS), fc.integer({ min: 1, max: 14 })).map(([start, length]) => start.slice(0, length)),
  },
);

/** 3 to 12 commands after the head start; each now and then twice, as a lost answer would have it. */
export const commands: fc.Arbitrary<Command[]> = fc
  .tuple(headStart, fc.array(fc.tuple(command, fc.integer({ min: 0, max: 6 })), { minLength: 3, maxLength: 12 }))
  .map(([start, rest]) => [...start, ...rest.flatMap(([one, dice]) => (dice === 0 ? [one, one] : [one]))]);

const USUAL: Team = new Map([
  [owner, ['owner']],
  [secondOwner, ['owner']],
  [operator, ['operator']],
  [secondOperator, ['operator']],
  [reviewer, ['reviewer']],
]);
const anyTeam = fc
  .tuple(...EVERYBODY.map(() => fc.subarray([...ROLES])))
  .map((held): Team => new Map(EVERYBODY.map((person, index) => [person, held[index] ?? []])));

export const team: fc.Arbitrary<Team> = fc.oneof({ weight: 3, arbitrary: fc.constant(USUAL) }, { weight: 2, arbitrary: anyTeam });
