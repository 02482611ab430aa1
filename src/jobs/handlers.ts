import type { JobDeps } from './deps.ts';
import { runDrills } from './driller.ts';
import { runRunbook } from './runbook.ts';
import { callPeople, showRequest, showTask, showUntilItWorks } from './show.ts';
import { runSteps } from './steps/run-step.ts';
import type { JobHandlers } from './worker.ts';

/** Who does each job of the catalogue. */
export function makeHandlers(deps: JobDeps): JobHandlers {
  return {
    'step.run': ({ id }, signal) => runSteps(deps, id, signal),
    'request.show': ({ id }, signal) => showRequest(deps, id, signal),
    'card.show': ({ id }, signal) => showUntilItWorks(deps, { job: 'card.show', id }, () => deps.face.drawCards(id, signal)),
    'request.remind': (nudge, signal) => callPeople(deps, { job: 'request.remind', ...nudge }, deps.face.remind, signal),
    'change.remind': (nudge, signal) => callPeople(deps, { job: 'change.remind', ...nudge }, deps.face.remindChange, signal),
    'doubt.show': ({ id }, signal) => showUntilItWorks(deps, { job: 'doubt.show', id }, () => deps.face.askDoubt(id, signal)),
    'change.show': ({ id }, signal) => showUntilItWorks(deps, { job: 'change.show', id }, () => deps.face.showChange(id, signal)),
    // What does not work is nudged again by the rows: the message stays out of date.
    'incident.show': ({ id }, signal) => deps.face.showIncident(id, signal),
    'resume.show': (_nudge, signal) => deps.face.endResumeCards(signal),
    'runbook.run': ({ id }, signal) => runRunbook(deps, id, signal),
    'drill.run': (_nudge, signal) => runDrills(deps, signal),
    'task.show': ({ id }, signal) => showTask(deps, id, signal),
  };
}
