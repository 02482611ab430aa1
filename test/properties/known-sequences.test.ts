import { afterAll, beforeAll, expect, test } from 'vitest';
import { PEOPLE } from '../support/story-world.ts';
import type { World } from './support/approval-model.ts';
import type { Command, Team } from './support/commands.ts';
import { openWorld, playOnce } from './support/sequences.ts';

const { owner, secondOwner, operator, secondOperator, member } = PEOPLE;
const world: World = { tier: 'T3', separation: 'none', requester: operator };
const TEAM: Team = new Map([
  [owner, ['owner']],
  [secondOwner, ['owner']],
  [operator, ['operator']],
  [secondOperator, ['operator']],
]);
let opened: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  opened = await openWorld(world);
});
afterAll(() => opened?.database.close());

const approveBy = (by: number): Command => ({ do: 'approve', by, at: 'reference', as: undefined });
const lend: Command = { do: 'delegate', by: secondOperator, second: owner, to: member, role: 'operator' };
const endDelegations: Command = { do: 'let time pass for', what: 'delegations' };
const claim: Command = { do: 'claim' };
const authorize: Command = { do: 'authorize', flaw: null };

/** Orders that chance seldom finds, each with what has to come of it. */
const KNOWN: [string, Command[], string[]][] = [
  [
    'somebody who approved says no after it was let out, when it certainly never left',
    [
      approveBy(secondOperator),
      approveBy(owner),
      claim,
      authorize,
      { do: 'settle', as: 'again' },
      { do: 'reject', by: owner, at: 'reference', hasReason: true },
    ],
    ['recorded', 'approved', 'held', 'go', 'settled', 'rejected'],
  ],
  [
    'a role is lent again before anybody has noticed that the first time was over',
    [lend, endDelegations, lend, approveBy(member), approveBy(owner), claim, authorize],
    ['applied', 'passed', 'applied', 'recorded', 'approved', 'held', 'go'],
  ],
  [
    'what was approved under a delegation is asked anew when its end is noticed',
    [
      lend,
      approveBy(member),
      approveBy(owner),
      endDelegations,
      { do: 'sweep', isWorkerLost: false },
      claim,
      { do: 'work' },
      approveBy(secondOwner),
    ],
    ['applied', 'recorded', 'approved', 'passed', 'swept', 'nothing', 'shown', 'recorded'],
  ],
  [
    'a grant that was given back is asked for again, and the denial in between wins',
    [
      approveBy(secondOperator),
      approveBy(owner),
      claim,
      authorize,
      { do: 'stop', by: operator },
      { do: 'send', isNoted: true },
      { do: 'settle', as: 'again' },
      { do: 'resume', by: operator },
      { do: 'resume', by: secondOwner },
      { do: 'reject', by: secondOwner, at: 'card', hasReason: true },
      claim,
      authorize,
    ],
    ['recorded', 'approved', 'held', 'go', 'stopped', 'no', 'settled', 'asked', 'resumed', 'rejected', 'nothing', 'lost'],
  ],
];

test.each(KNOWN)('%s', async (_name, list, answers) => {
  expect(await playOnce(opened, { world, people: TEAM, list })).toEqual(answers);
});
