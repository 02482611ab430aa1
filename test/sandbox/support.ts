import { Api, GrammyError } from 'grammy';
import { type ListeningSandbox, listenSandbox } from '../../src/sandbox/listen.ts';
import { makeSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { PERSONAS, SANDBOX_BOT } from '../../src/sandbox/world.ts';

export interface Stage extends AsyncDisposable {
  sandbox: Sandbox;
  telegram: Sandbox['telegram'];
  listening: ListeningSandbox;
  api: Api;
}

/** A sandbox on a free port and grammY's client for it. Adam has pressed Start. */
export async function openStage(options: SandboxOptions = {}): Promise<Stage> {
  const sandbox = makeSandbox({ startedPersonaIds: [PERSONAS.adam.id], ...options });
  const listening = await listenSandbox(sandbox);
  const api = new Api(SANDBOX_BOT.token, { apiRoot: listening.apiRoot });
  return { sandbox, telegram: sandbox.telegram, listening, api, [Symbol.asyncDispose]: () => listening.close() };
}

/** What a refused call was refused with; a call that goes well fails the test. */
export async function refusalOf(call: Promise<unknown>): Promise<{ code: number; description: string; retryAfter: number | undefined }> {
  const outcome = await call.then(
    (result) => ({ result }),
    (error: unknown) => error,
  );
  if (!(outcome instanceof GrammyError)) throw new Error(`expected a refusal, got ${JSON.stringify(outcome)} ${String(outcome)}`);
  return { code: outcome.error_code, description: outcome.description, retryAfter: outcome.parameters.retry_after };
}
