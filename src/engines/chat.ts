import { z } from 'zod';
import { AppError } from '../errors.ts';
import { type EngineEndpoint, makeClient, type ServerAnswer, toEngineError, unavailable } from './client.ts';
import type { ChatMessage } from './engine.ts';
import type { WireSchema } from './wire-schema.ts';

export interface ChatCall {
  schemaName: string;
  wireSchema: WireSchema;
  messages: readonly ChatMessage[];
  maxOutputTokens: number;
  /** Hears what came back, as it was; the errors say nothing of it, for they are logged. */
  onAnswer?: (answer: ServerAnswer) => void;
  signal: AbortSignal;
}

/** What came back, before anybody believes it. */
export interface ChatReply {
  text: string;
  isCutOff: boolean;
  /** Null when the server did not say, or said something impossible. */
  inputTokens: number | null;
  outputTokens: number | null;
}

/** One call, no retry. Throws AppError: engine_refused (with the tokens it cost), engine_rejected, engine_unavailable, engine_timeout, output_invalid, aborted. */
export type Chat = (call: ChatCall) => Promise<ChatReply>;

/** Servers differ in what they add; only this much has to be there. */
const TokenCount = z.number().int().min(0).catch(-1);
const Completion = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: TokenCount, completion_tokens: TokenCount }).nullish().catch(null),
});
type Completion = z.infer<typeof Completion>;

/** Speaks `POST {base}/chat/completions` to any OpenAI-compatible server, with strict JSON-schema output. */
export function makeChat(endpoint: EngineEndpoint): Chat {
  const connect = makeClient(endpoint);
  return async (call) => {
    const raw = await send(endpoint, connect, call);
    const completion = Completion.safeParse(raw);
    if (!completion.success) throw unavailable(endpoint.name, { cause: 'answer_is_not_a_chat_completion' });
    return toReply(completion.data, endpoint.name);
  };
}

async function send(endpoint: EngineEndpoint, connect: ReturnType<typeof makeClient>, call: ChatCall): Promise<unknown> {
  const { schemaName, wireSchema, messages, maxOutputTokens, onAnswer, signal } = call;
  try {
    const client = await connect(onAnswer);
    return await client.chat.completions.create(
      {
        model: endpoint.model,
        messages: [...messages],
        response_format: { type: 'json_schema', json_schema: { name: schemaName, strict: true, schema: { ...wireSchema } } },
        ...toOutputLimit(endpoint.baseUrl, maxOutputTokens),
      },
      { signal, timeout: endpoint.timeoutMs },
    );
  } catch (error) {
    throw await toEngineError(error, { engine: endpoint.name, signal });
  }
}

/** OpenAI's reasoning models refuse `max_tokens`; many compatible servers know nothing else. */
function toOutputLimit(baseUrl: string, maxOutputTokens: number): { max_completion_tokens: number } | { max_tokens: number } {
  const isOpenAi = /(^|\.)openai\.(com|azure\.com)$/.test(new URL(baseUrl).hostname);
  return isOpenAi ? { max_completion_tokens: maxOutputTokens } : { max_tokens: maxOutputTokens };
}

/** Only the first choice counts: one was asked for, and choosing among several is not the server's to offer. */
function toReply({ choices, usage }: Completion, engine: string): ChatReply {
  const [choice] = choices;
  const inputTokens = toCount(usage?.prompt_tokens);
  const outputTokens = toCount(usage?.completion_tokens);
  const isFiltered = choice?.finish_reason === 'content_filter';
  if (choice?.message.refusal || isFiltered) {
    const context = { engine, reason: isFiltered ? 'content_filter' : 'refusal', inputTokens, outputTokens };
    throw new AppError('engine_refused', undefined, { context });
  }
  return { text: choice?.message.content ?? '', isCutOff: choice?.finish_reason === 'length', inputTokens, outputTokens };
}

const toCount = (count: number | undefined): number | null => (count === undefined || count < 0 ? null : count);
