import { CST, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, type Pair, parseDocument, type Scalar } from 'yaml';
import { findHiddenCharacters } from './guards/characters.ts';
import { type PolicyProblem, toPathText, WHOLE_DOCUMENT } from './problems.ts';

/**
 * Reads the small part of YAML 1.2 that a policy needs: one document of maps, lists, text and plain numbers. Everything that lets
 * two readers see two things is refused: anchors, aliases, tags, merge keys, directives, duplicate keys, numbers in other notations,
 * invisible characters. CRLF and a byte order mark are refused too, so that one policy has one spelling and one checksum; the reason
 * tells how to save the file.
 */
export interface YamlReading {
  /** Plain objects, lists, strings and numbers; undefined where something could not be taken over. */
  value: unknown;
  /** False when nothing can be said about the content, because the form is wrong. */
  isReadable: boolean;
  problems: PolicyProblem[];
  /** Where each path stands, 1-based. */
  lines: Map<string, number>;
}

export const MAX_POLICY_BYTES = 256 * 1024;
/** About 1,200 lines of policy. Composing a token is slow, so the bound also keeps a hostile file under 100 ms. */
const MAX_TOKENS = 10_000;
const MAX_DEPTH = 12;
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype', '<<']);

const FORBIDDEN_TOKENS: Readonly<Record<string, string>> = {
  anchor: 'anchors (&) are not allowed',
  alias: 'aliases (*) are not allowed; a pattern such as * is none either, write each name',
  tag: 'tags (!) are not allowed',
  'directive-line': 'directives (%) are not allowed',
  'explicit-key-ind': 'keys written with ? are not allowed',
};

/** Never throws: what cannot be read is a problem. */
export function readYaml(source: string): YamlReading {
  const refusal = findBadForm(source) ?? findBadToken(source);
  if (refusal) return makeUnreadable([refusal]);
  const lineCounter = new LineCounter();
  const document = parseDocument(source, { version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: false, lineCounter });
  const faults = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    path: WHOLE_DOCUMENT,
    reason: code === 'MULTIPLE_DOCS' ? 'holds more than one document; a policy is one' : (message.split('\n')[0] ?? message),
    line: lineCounter.linePos(pos[0]).line,
  }));
  if (faults.length > 0) return makeUnreadable(faults);
  const walk = makeWalk(lineCounter);
  const value = walk.toPlain(document.contents, []);
  return { value, isReadable: true, problems: walk.problems, lines: walk.lines };
}

function makeUnreadable(problems: PolicyProblem[]): YamlReading {
  return { value: undefined, isReadable: false, problems, lines: new Map() };
}

function findBadForm(source: string): PolicyProblem | null {
  const at = (reason: string, index = 0) => ({ path: WHOLE_DOCUMENT, reason, line: source.slice(0, index).split('\n').length });
  if (source.length > MAX_POLICY_BYTES || Buffer.byteLength(source) > MAX_POLICY_BYTES) return at('larger than 256 KiB');
  if (source.startsWith('\ufeff')) return at('begins with a byte order mark; save the file as UTF-8 without BOM');
  if (source.includes('\r')) return at('has CR line endings; save the file with LF (Unix) line endings', source.indexOf('\r'));
  const hidden = findHiddenCharacters(source)[0];
  if (hidden) return at(`has an invisible or control character (${hidden.name})`, hidden.index);
  return source.trim() === '' ? at('empty') : null;
}

/** Looks at tokens before anything is built, so that an alias bomb or 100,000 brackets cost nothing. */
function findBadToken(source: string): PolicyProblem | null {
  let line = 1;
  let tokens = 0;
  let depth = 0;
  for (const token of new Lexer().lex(source)) {
    const type = CST.tokenType(token) ?? '';
    if (type === 'flow-map-start' || type === 'flow-seq-start') depth += 1;
    if (type === 'flow-map-end' || type === 'flow-seq-end') depth -= 1;
    tokens += 1;
    const reason =
      FORBIDDEN_TOKENS[type] ??
      (depth > MAX_DEPTH ? `nested deeper than ${MAX_DEPTH}` : depth < 0 ? 'a bracket closes that was never opened' : null) ??
      (tokens > MAX_TOKENS ? 'has far more parts than a policy needs' : null);
    if (reason) return { path: WHOLE_DOCUMENT, reason, line };
    for (let index = token.indexOf('\n'); index !== -1; index = token.indexOf('\n', index + 1)) line += 1;
  }
  return null;
}

type Path = readonly (string | number)[];

function makeWalk(lineCounter: LineCounter) {
  const problems: PolicyProblem[] = [];
  const lines = new Map<string, number>();

  function toPlain(node: unknown, path: Path): unknown {
    if (path.length > MAX_DEPTH) return refuse(path, `nested deeper than ${MAX_DEPTH}`);
    noteLine(node, path);
    if (isMap(node)) return toObject(node.items, path);
    if (isSeq(node)) return node.items.map((item, index) => toPlain(item, [...path, index]));
    if (isScalar(node)) return toValue(node, path);
    return node === null ? null : refuse(path, isAlias(node) ? 'aliases are not allowed' : 'not readable');
  }

  function toObject(pairs: readonly Pair[], path: Path): Record<string, unknown> {
    const entries = new Map<string, unknown>();
    for (const { key, value } of pairs) {
      const name = isScalar(key) && typeof key.value === 'string' ? key.value : null;
      const inner = [...path, name ?? '?'];
      noteLine(key, inner);
      if (name === null) refuse(inner, 'a key is text');
      else if (FORBIDDEN_KEYS.has(name)) refuse(inner, name === '<<' ? 'merge keys (<<) are not allowed' : 'this key is not allowed');
      else if (entries.has(name)) refuse(inner, 'the key stands here twice');
      else entries.set(name, toPlain(value, inner));
    }
    return Object.fromEntries(entries);
  }

  /** YAML reads 0o17, 0x1F, 1e3, 010 and .inf as numbers; people read them differently, so only plain decimals count. */
  function toValue({ value, source = '' }: Scalar, path: Path): unknown {
    if (typeof value !== 'number') return value;
    if (!/^-?(0|[1-9]\d*)(\.\d+)?$/.test(source))
      return refuse(path, 'write numbers as plain decimals such as 15 or 0.5, or quote the text');
    const isExact = String(value) === (source.includes('.') ? source.replace(/\.?0+$/, '') : source);
    return isExact ? value : refuse(path, 'the number has more digits than can be kept; write it in quotes');
  }

  function noteLine(node: unknown, path: Path): void {
    // Every node of a parsed document has a range; only the empty value has no node.
    const offset = (isScalar(node) || isMap(node) || isSeq(node)) && node.range ? node.range[0] : null;
    const text = toPathText(path);
    if (offset !== null && !lines.has(text)) lines.set(text, lineCounter.linePos(offset).line);
  }

  function refuse(path: Path, reason: string): undefined {
    const text = toPathText(path);
    const line = lines.get(text);
    problems.push(line === undefined ? { path: text, reason } : { path: text, reason, line });
    return undefined;
  }

  return { toPlain, problems, lines };
}
