import { APPROVAL_CONTROLS } from './approvals.ts';
import { DOOR_CONTROLS } from './doors.ts';
import { EFFECT_CONTROLS } from './effects.ts';
import { EMERGENCY_CONTROLS } from './emergencies.ts';
import { EVIDENCE_CONTROLS } from './evidence.ts';
import { GOVERNANCE_CONTROLS } from './governance.ts';
import { GUARD_CONTROLS } from './guards.ts';
import { MEMORY_CONTROLS } from './memory.ts';
import { MONEY_CONTROLS } from './money.ts';
import type { Mutant } from './mutant.ts';
import { PEOPLE_CONTROLS } from './people.ts';
import { PLAN_CONTROLS } from './plans.ts';
import { PRECEDENCE_CONTROLS } from './precedence.ts';
import { WAIT_CONTROLS } from './waiting.ts';

/** Every control that is shown to be one: without it a test fails. `npm run mutants` takes them away one by one. */
export const CONTROLS: readonly Mutant[] = [
  ...APPROVAL_CONTROLS,
  ...PEOPLE_CONTROLS,
  ...EFFECT_CONTROLS,
  ...GOVERNANCE_CONTROLS,
  ...EMERGENCY_CONTROLS,
  ...DOOR_CONTROLS,
  ...GUARD_CONTROLS,
  ...MEMORY_CONTROLS,
  ...MONEY_CONTROLS,
  ...PRECEDENCE_CONTROLS,
  ...EVIDENCE_CONTROLS,
  ...PLAN_CONTROLS,
  ...WAIT_CONTROLS,
];
