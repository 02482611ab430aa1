import type { ServerResponse } from 'node:http';
import { type Choice, type FakeModelRequest, sendJson, type TokenUsage, toCompletion } from './fake-model-wire.ts';

/** What a test can have the model do instead of answering well. */
export type ScriptedAnswer = ScriptedContent | ScriptedTransport;

type ScriptedContent =
  /** A value, whether it fits the schema or not. */
  | { kind: 'value'; value: unknown; usage?: TokenUsage | null }
  /** The content as it is: prose, fences, broken JSON. */
  | { kind: 'text'; text: string; usage?: TokenUsage | null }
  /** The default answer, cut near its end, with finish_reason `length`. */
  | { kind: 'truncated' }
  | { kind: 'refusal'; text?: string }
  | { kind: 'content_filter' }
  | { kind: 'empty' }
  | { kind: 'two_choices'; values: [unknown, unknown] }
  /** The default answer with its first key twice. */
  | { kind: 'duplicate_keys' }
  | { kind: 'wrong_shape' }
  /** So many bytes of content. */
  | { kind: 'huge'; bytes?: number };

type ScriptedTransport =
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: unknown }
  /** Any body with 200: a proxy's page, another protocol. */
  | { kind: 'body'; body: string; contentType?: string }
  /** Never answers; the caller has to give up. */
  | { kind: 'hang' }
  /** Starts the answer and never ends it. */
  | { kind: 'stall' }
  | { kind: 'slow'; delayMs: number; value?: unknown }
  /** Closes the connection without a word. */
  | { kind: 'reset' };

export interface Scripted {
  response: ServerResponse;
  request: FakeModelRequest;
  answer: ScriptedAnswer;
  /** The JSON that would have been answered without a script. */
  usual: string;
}

const HUGE_BYTES = 300 * 1024;

export function respondScripted(scripted: Scripted): void {
  const { answer, response, request, usual } = scripted;
  if (isTransport(answer)) {
    act(answer, scripted);
  } else {
    const usage = 'usage' in answer ? answer.usage : undefined;
    sendJson(response, 200, toCompletion(request, toChoices(answer, usual), usage));
  }
}

function isTransport(answer: ScriptedAnswer): answer is ScriptedTransport {
  return ['status', 'body', 'hang', 'stall', 'slow', 'reset'].includes(answer.kind);
}

function toChoices(answer: ScriptedContent, usual: string): Choice[] {
  switch (answer.kind) {
    case 'value':
      return [{ content: JSON.stringify(answer.value) }];
    case 'text':
      return [{ content: answer.text }];
    case 'truncated':
      return [{ content: usual.slice(0, -10), finish: 'length' }];
    case 'refusal':
      return [{ content: null, refusal: answer.text ?? 'I cannot help with that.' }];
    case 'content_filter':
      return [{ content: '', finish: 'content_filter' }];
    case 'empty':
      return [{ content: '' }];
    case 'two_choices':
      return answer.values.map((value) => ({ content: JSON.stringify(value) }));
    case 'duplicate_keys':
      return [{ content: usual.replace(/^\{("[^"]+":)/, '{$1null,$1') }];
    case 'wrong_shape':
      return [{ content: '{"surprise":true}' }];
    case 'huge':
      return [{ content: JSON.stringify({ text: 'x'.repeat(answer.bytes ?? HUGE_BYTES) }) }];
  }
}

function act(answer: ScriptedTransport, { response, request, usual }: Scripted): void {
  if (answer.kind === 'status') {
    sendJson(response, answer.status, answer.body ?? { error: { message: `status ${answer.status}` } }, answer.headers);
  } else if (answer.kind === 'body') {
    response.writeHead(200, { 'content-type': answer.contentType ?? 'application/json' });
    response.end(answer.body);
  } else if (answer.kind === 'stall') {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"choices":');
  } else if (answer.kind === 'reset') {
    response.socket?.destroy();
  } else if (answer.kind === 'slow') {
    const content = answer.value === undefined ? usual : JSON.stringify(answer.value);
    const timer = setTimeout(() => sendJson(response, 200, toCompletion(request, [{ content }])), answer.delayMs);
    response.on('close', () => clearTimeout(timer));
  }
}
