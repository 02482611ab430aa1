import { AppError } from '../errors.ts';

/** Resolves after the time, or throws `aborted`. */
export function waitMs(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new AppError('aborted'));
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    const onAbort = () => {
      clearTimeout(timer);
      reject(new AppError('aborted'));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
