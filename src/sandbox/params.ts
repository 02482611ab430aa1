import type { Upload } from './telegram.ts';

/** The parameters of one Bot API call, wherever they came from. Telegram reads every one of them as text first; so does this. */
export class Params {
  readonly values: ReadonlyMap<string, unknown>;
  readonly uploads: ReadonlyMap<string, Upload>;

  constructor(values: ReadonlyMap<string, unknown>, uploads: ReadonlyMap<string, Upload> = new Map()) {
    this.values = values;
    this.uploads = uploads;
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** The empty text when absent, as Telegram does not tell the two apart. */
  text(name: string): string {
    const value = this.values.get(name);
    if (value === undefined || value === null) return '';
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  }

  /** What cannot be read as a whole number counts as absent. */
  integer(name: string): number | undefined {
    const text = this.text(name).trim();
    return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
  }

  flag(name: string): boolean {
    return ['true', 'yes', '1'].includes(this.text(name).toLowerCase());
  }

  /** A structured parameter, sent as JSON or as text that holds JSON. `invalid` when the text is no JSON. */
  json(name: string): { value: unknown } | 'invalid' | undefined {
    const raw = this.values.get(name);
    if (raw === undefined || raw === null || raw === '') return undefined;
    if (typeof raw !== 'string') return { value: raw };
    try {
      return { value: JSON.parse(raw) };
    } catch {
      return 'invalid';
    }
  }

  /** The same parameters with some replaced. */
  with(values: ReadonlyMap<string, unknown>): Params {
    return new Params(new Map([...this.values, ...values]), this.uploads);
  }

  /** For the ledger: structured values parsed, uploads named instead of kept. */
  toRecord(): Record<string, unknown> {
    const entries = [...this.values].map(([name, value]): [string, unknown] => [name, this.#describe(value)]);
    const direct = [...this.uploads]
      .filter(([name]) => !this.values.has(name))
      .map(([name, upload]): [string, unknown] => [name, describeUpload(upload)]);
    return Object.fromEntries([...entries, ...direct]);
  }

  #describe(value: unknown): unknown {
    if (typeof value !== 'string') return value;
    const upload = value.startsWith('attach://') ? this.uploads.get(value.slice('attach://'.length)) : undefined;
    if (upload) return describeUpload(upload);
    return value;
  }
}

const describeUpload = (upload: Upload): Record<string, unknown> => ({ file_name: upload.fileName, file_size: upload.bytes.length });
