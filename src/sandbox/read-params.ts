import { Params } from './params.ts';
import { refuse } from './refusal.ts';
import type { Upload } from './telegram.ts';

/** Telegram's own limit for uploads by bots. */
export const MAX_UPLOAD_BYTES = 50 * 1024 * 1024;

/** Reads query, JSON, form and multipart parameters; of doubled ones the body's win. */
export async function readParams(request: Request): Promise<Params> {
  const values = new Map<string, unknown>(new URL(request.url).searchParams);
  const type = request.headers.get('content-type') ?? '';
  const body = request.method === 'POST' ? Buffer.from(await request.arrayBuffer()) : Buffer.alloc(0);
  if (body.length > MAX_UPLOAD_BYTES) refuse('Request Entity Too Large', 413);
  if (/^application\/json/i.test(type)) readJson(body, values);
  else if (/^application\/x-www-form-urlencoded/i.test(type))
    for (const [name, value] of new URLSearchParams(body.toString('utf8'))) values.set(name, value);
  else if (/^multipart\/form-data/i.test(type)) return new Params(values, readMultipart(body, toBoundary(type), values));
  return new Params(values);
}

function readJson(body: Buffer, values: Map<string, unknown>): void {
  if (body.length === 0) return;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    refuse("can't parse JSON object");
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) refuse('object expected');
  for (const [name, value] of Object.entries(parsed)) if (value !== null) values.set(name, value);
}

function toBoundary(contentType: string): string {
  return /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)?.slice(1).find(Boolean) ?? refuse('boundary not found');
}

/**
 * Splits a multipart body. Clients differ in what they quote and in the blanks they set (grammY quotes no file name and sets no blank
 * after the header's colon), more than the platform's own form parser accepts.
 */
function readMultipart(body: Buffer, boundary: string, values: Map<string, unknown>): Map<string, Upload> {
  const uploads = new Map<string, Upload>();
  const delimiter = Buffer.from(`--${boundary}`);
  let start = body.indexOf(delimiter);
  while (start !== -1) {
    const next = body.indexOf(delimiter, start + delimiter.length);
    if (next === -1) break;
    // Between two delimiters: CRLF, headers, empty line, content, CRLF.
    readPart(body.subarray(start + delimiter.length + 2, next - 2), values, uploads);
    start = next;
  }
  return uploads;
}

function readPart(part: Buffer, values: Map<string, unknown>, uploads: Map<string, Upload>): void {
  const split = part.indexOf('\r\n\r\n');
  if (split === -1) return;
  const headers = part.subarray(0, split).toString('utf8');
  const content = part.subarray(split + 4);
  const name = headerParameter(headers, 'name');
  const fileName = headerParameter(headers, 'filename');
  if (name === undefined) return;
  if (fileName === undefined) values.set(name, content.toString('utf8'));
  else uploads.set(name, { fileName, bytes: new Uint8Array(content) });
}

function headerParameter(headers: string, parameter: string): string | undefined {
  const match = new RegExp(`[;\\s]${parameter}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\r\\n]*))`, 'i').exec(headers);
  return match ? (match[1]?.replace(/\\(.)/g, '$1') ?? match[2]) : undefined;
}
