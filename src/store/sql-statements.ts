/** What has to be passed over whole: comments, quotes, words (an `e'…'` quote has backslashes), and otherwise one character. */
const TOKEN =
  /--[^\n]*|\/\*|[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d[\w.]*|;|[\s\S]/gy;

/**
 * Splits a file into its statements, without the semicolons between them, as the Supabase CLI records them. Semicolons in comments, in
 * quotes and in dollar-quoted bodies are text. Bodies written as `begin atomic … end` are not known here: use dollar quotes.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  for (let at = 0; at < sql.length; ) {
    const end = findTokenEnd(sql, at);
    if (sql.slice(at, end) === ';') {
      statements.push(sql.slice(start, at).trim());
      start = end;
    }
    at = end;
  }
  return [...statements, sql.slice(start).trim()].filter((statement) => statement !== '');
}

function findTokenEnd(sql: string, at: number): number {
  const token = matchAt(sql, at);
  if (token === '/*') return findCommentEnd(sql, at);
  if (token.startsWith('$') && token.length > 1) {
    const close = sql.indexOf(token, at + token.length);
    return close === -1 ? sql.length : close + token.length;
  }
  return at + token.length;
}

function matchAt(sql: string, at: number): string {
  const pattern = new RegExp(TOKEN);
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0] ?? '';
}

/** Block comments nest. */
function findCommentEnd(sql: string, at: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = at;
  let depth = 0;
  for (let mark = marks.exec(sql); mark !== null; mark = marks.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return sql.length;
}
