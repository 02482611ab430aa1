/** A model server as a process of its own: `model-process.ts [delayMs]`. Told `{ plan }`, it answers with that plan from then on; told `{ failWith }`, with that status until told null; told `{ schemaName, answers }`, with these the next requests of that schema. */
import { type PlanNodeLike, type ScriptedAnswer, startFakeModel } from '../test/support/fake-model.ts';
import { serveParent } from './child.ts';

/** The model keeps every request for tests to read; here nobody does, and tens of thousands are made. */
const FORGET_MS = 500;

const model = await startFakeModel({ delayMs: Number(process.argv[2] ?? 0) });
setInterval(() => model.requests.splice(0), FORGET_MS);
serveParent({ baseUrl: model.baseUrl }, (message) => {
  // The other side is `startModel`, in this folder.
  const told = message as { plan: PlanNodeLike[] } | { failWith: number | null } | { schemaName: string; answers: ScriptedAnswer[] };
  if ('plan' in told) model.setPlan(told.plan);
  else if ('failWith' in told) model.failWith(told.failWith);
  else model.script(told.schemaName, ...told.answers);
});
