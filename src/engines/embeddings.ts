import { z } from 'zod';
import { AppError } from '../errors.ts';
import { makeClient, toEngineError, unavailable } from './client.ts';
import type { Embedder } from './engine.ts';
import { type Pace, realPace, withRetries } from './retry.ts';

export interface EmbeddingEndpoint {
  baseUrl: string;
  apiKey: string | null;
  model: string;
  /** Length of the model's vectors; an answer of another length is refused. */
  dimensions: number;
  timeoutMs: number;
}

const ENGINE = 'embeddings';
/** Servers bound the inputs of one request; this stays below all known. */
const BATCH_SIZE = 64;
/** 64 vectors of 3,072 numbers with 20 characters each. */
const MAX_RESPONSE_BYTES = 8 * 1024 * 1024;

const Answer = z.object({ data: z.array(z.object({ index: z.number().int().min(0), embedding: z.array(z.number()) })) });

/** Speaks `POST {base}/embeddings` to an OpenAI-compatible server. Same retries and errors as the chat. */
export function makeHttpEmbedder(endpoint: EmbeddingEndpoint, { pace = realPace }: { pace?: Pace } = {}): Embedder {
  const connect = makeClient(endpoint, MAX_RESPONSE_BYTES);
  return {
    dimensions: endpoint.dimensions,
    name: endpoint.model,
    async embed(texts, signal) {
      const vectors: number[][] = [];
      for (let start = 0; start < texts.length; start += BATCH_SIZE) {
        const batch = texts.slice(start, start + BATCH_SIZE);
        vectors.push(...(await withRetries(() => embedBatch(endpoint, connect, batch, signal), { pace, signal })));
      }
      return vectors;
    },
  };
}

async function embedBatch(
  endpoint: EmbeddingEndpoint,
  connect: ReturnType<typeof makeClient>,
  texts: string[],
  signal: AbortSignal,
): Promise<number[][]> {
  let raw: unknown;
  try {
    const client = await connect();
    // Asked for as numbers: the library would ask for base64, which many compatible servers do not know.
    const body = { model: endpoint.model, input: texts, encoding_format: 'float' };
    raw = await client.post('/embeddings', { body, signal, timeout: endpoint.timeoutMs });
  } catch (error) {
    throw await toEngineError(error, { engine: ENGINE, signal });
  }
  const answer = Answer.safeParse(raw);
  if (!answer.success) throw unavailable(ENGINE, { cause: 'answer_is_not_an_embedding' });
  return toVectors(answer.data, texts.length, endpoint.dimensions);
}

/** Puts the vectors into the order of the texts; the answer need not have it. */
function toVectors({ data }: z.infer<typeof Answer>, count: number, dimensions: number): number[][] {
  const byIndex = new Map(data.map(({ index, embedding }) => [index, embedding]));
  return Array.from({ length: count }, (_, index) => {
    const vector = byIndex.get(index);
    if (vector?.length !== dimensions) {
      const context = { index, expected: dimensions, got: vector?.length ?? 0 };
      throw new AppError('output_invalid', `expected a vector of ${dimensions} numbers for every text`, { context });
    }
    return toUnitLength(vector);
  });
}

/** L2-normalises; a vector of nothing stays nothing. */
export function toUnitLength(vector: number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
