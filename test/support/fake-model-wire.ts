import type { IncomingMessage, ServerResponse } from 'node:http';

/** The wire form of an OpenAI-compatible server: reading its requests, writing its answers. */
export interface FakeModelRequest {
  path: string;
  /** The JSON schema's name; `embeddings`, `models` for the other paths, empty for an unknown one. */
  schemaName: string;
  schema: unknown;
  model: string;
  messages: { role: string; content: string }[];
  headers: Record<string, string | string[] | undefined>;
  body: Record<string, unknown>;
  /** True once the caller gave up before the answer was complete. */
  isAbandoned: boolean;
}

export interface TokenUsage {
  prompt_tokens: number;
  completion_tokens: number;
}

export interface Choice {
  content: string | null;
  refusal?: string;
  finish?: string;
}

export async function readRequest(incoming: IncomingMessage): Promise<FakeModelRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString();
  // What this server is sent is JSON of OpenAI's form; a test that sends something else should fail here.
  const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  const format = body.response_format as { json_schema?: { name?: string; schema?: unknown } } | undefined;
  const path = (incoming.url ?? '').split('?')[0] ?? '';
  return {
    path,
    schemaName: toSchemaName(path, format?.json_schema?.name),
    schema: format?.json_schema?.schema ?? {},
    model: String(body.model ?? ''),
    messages: (body.messages ?? []) as FakeModelRequest['messages'],
    headers: incoming.headers,
    body,
    isAbandoned: false,
  };
}

function toSchemaName(path: string, name: string | undefined): string {
  if (path.endsWith('/chat/completions')) return name ?? 'text';
  if (path.endsWith('/embeddings')) return 'embeddings';
  return path.endsWith('/models') ? 'models' : '';
}

/** A chat completion; `usage: null` leaves the token counts out, as some servers do. */
export function toCompletion(request: FakeModelRequest, choices: Choice[], usage?: TokenUsage | null): unknown {
  const prompt = request.messages.reduce((sum, message) => sum + message.content.length, 0);
  const completion = choices.reduce((sum, choice) => sum + (choice.content?.length ?? 0), 0);
  const counted = usage ?? { prompt_tokens: Math.ceil(prompt / 4), completion_tokens: Math.ceil(completion / 4) };
  return {
    id: 'chatcmpl-fake',
    object: 'chat.completion',
    created: 0,
    model: request.model,
    choices: choices.map(({ content, refusal = null, finish = 'stop' }, index) => ({
      index,
      message: { role: 'assistant', content, refusal },
      finish_reason: finish,
    })),
    ...(usage === null ? {} : { usage: { ...counted, total_tokens: counted.prompt_tokens + counted.completion_tokens } }),
  };
}

/** The same text gives the same vector, and texts with words in common lie nearer: each word adds to one place. The order is not that of the texts. */
export function toEmbeddings(input: unknown, dimensions: number): unknown {
  const texts = Array.isArray(input) ? input.map(String) : [String(input)];
  const data = texts.map((text, index) => {
    const vector = new Array<number>(dimensions).fill(0);
    for (const word of text.toLowerCase().split(/\W+/)) {
      let hash = 7;
      for (let at = 0; at < word.length; at++) hash = (hash * 31 + word.charCodeAt(at)) % 1_000_003;
      vector[hash % dimensions] = (vector[hash % dimensions] ?? 0) + 1;
    }
    return { object: 'embedding', index, embedding: vector };
  });
  return { object: 'list', model: 'fake', data: data.reverse(), usage: { prompt_tokens: texts.join(' ').length, total_tokens: 0 } };
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
