import { inspect } from 'node:util';

const SHOWN = '[secret]';

/**
 * A value that must never be printed: JSON, template strings, the console and the logger all show `[secret]`. Whoever hands it to
 * the one client that needs it calls `reveal()`, so that a search for that word finds every place where a secret leaves its box.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
