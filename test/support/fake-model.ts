import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeDefaultAnswer, type PlanNodeLike } from './fake-model-answers.ts';
import { respondScripted, type ScriptedAnswer } from './fake-model-scripts.ts';
import { type FakeModelRequest, readRequest, sendJson, toCompletion, toEmbeddings } from './fake-model-wire.ts';

export type { PlanNodeLike } from './fake-model-answers.ts';
export type { ScriptedAnswer } from './fake-model-scripts.ts';
export type { FakeModelRequest } from './fake-model-wire.ts';

export interface FakeModel {
  /** For OPENAI_BASE_URL. */
  baseUrl: string;
  /** Every request with its body, oldest first. */
  requests: FakeModelRequest[];
  /** Answers for the next requests of a schema, in order; afterwards the usual ones are back. `*` is for any request. */
  script(schemaName: string, ...answers: ScriptedAnswer[]): void;
  /** Every request is answered with this status, before any script, until it is told null. */
  failWith(status: number | null): void;
  /** The plan that is answered from now on. */
  setPlan(nodes: PlanNodeLike[]): void;
  /** Requests so far with this schema name; `embeddings` and `models` count too. */
  count(schemaName: string): number;
  close(): Promise<void>;
  /** For `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface FakeModelOptions {
  /** Asked before the defaults; `undefined` leaves it to them. */
  answer?: (request: FakeModelRequest) => unknown;
  /** Length of the vectors of `/embeddings`. */
  dimensions?: number;
  /** How long it thinks before the usual answer. */
  delayMs?: number;
}

const KEEP_ALIVE_MS = 60_000;

/**
 * A model server at its wire address: OpenAI's `/chat/completions`, `/embeddings` and `/models` on loopback, answering at once with
 * something that fits the schema it was sent, unless a test scripted something else. Knows nothing of the program's own code.
 */
export async function startFakeModel({ answer, dimensions = 512, delayMs = 0 }: FakeModelOptions = {}): Promise<FakeModel> {
  const requests: FakeModelRequest[] = [];
  const scripts = new Map<string, ScriptedAnswer[]>();
  let plan: PlanNodeLike[] | null = null;
  let failing: number | null = null;
  const count = (schemaName: string): number => requests.filter((request) => request.schemaName === schemaName).length;
  const takeScripted = (schemaName: string): ScriptedAnswer | undefined => scripts.get(schemaName)?.shift() ?? scripts.get('*')?.shift();
  const toUsual = (request: FakeModelRequest): string =>
    JSON.stringify(answer?.(request) ?? makeDefaultAnswer({ ...request, nth: count(request.schemaName), plan }));

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    requests.push(request);
    response.on('close', () => {
      request.isAbandoned = !response.writableFinished;
    });
    const scripted: ScriptedAnswer | undefined = failing === null ? takeScripted(request.schemaName) : { kind: 'status', status: failing };
    if (scripted) respondScripted({ response, request, answer: scripted, usual: toUsual(request) });
    else if (request.schemaName === 'models') sendJson(response, 200, { object: 'list', data: [] });
    else if (request.schemaName === 'embeddings') sendJson(response, 200, toEmbeddings(request.body.input, dimensions));
    else if (request.schemaName === '') sendJson(response, 404, { error: { message: `no route ${request.path}`, code: 'not_found' } });
    else if (delayMs > 0) respondScripted({ response, request, answer: { kind: 'slow', delayMs }, usual: toUsual(request) });
    else sendJson(response, 200, toCompletion(request, [{ content: toUsual(request) }]));
  }

  const server = createServer((incoming, response) => {
    // A caller that hangs up while it sends is no failure of the server.
    handle(incoming, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on TCP has an address object.
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    count,
    script: (schemaName, ...answers) => {
      scripts.set(schemaName, [...(scripts.get(schemaName) ?? []), ...answers]);
    },
    failWith: (status) => {
      failing = status;
    },
    setPlan: (nodes) => {
      plan = nodes;
    },
    close: () => closeServer(server),
    [Symbol.asyncDispose]: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
}
