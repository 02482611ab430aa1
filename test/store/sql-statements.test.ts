import { expect, test } from 'vitest';
import { splitStatements } from '../../src/store/sql-statements.ts';

test.each([
  ['', []],
  [' ;; \n;', []],
  ['select 1', ['select 1']],
  ['select 1; select 2;\n', ['select 1', 'select 2']],
  ["select 'a;b'';c'; select 2", ["select 'a;b'';c'", 'select 2']],
  ["select e'a\\';b'; select 2", ["select e'a\\';b'", 'select 2']],
  ["select 'a\\'; select 2", ["select 'a\\'", 'select 2']],
  ['select "a;b""c;"; select 2', ['select "a;b""c;"', 'select 2']],
  ['-- a; b\nselect 1; -- c; d\nselect 2', ['-- a; b\nselect 1', '-- c; d\nselect 2']],
  ['/* a; /* b; */ c; */ select 1; select 2', ['/* a; /* b; */ c; */ select 1', 'select 2']],
  ['do $$ begin a; b; end $$; select 2', ['do $$ begin a; b; end $$', 'select 2']],
  ['do $a$ $b$ ; $b$; $$ ; $a$; select 2', ['do $a$ $b$ ; $b$; $$ ; $a$', 'select 2']],
  ['select a$b$c; select d$b$e', ['select a$b$c', 'select d$b$e']],
  ['execute p using $1; select 2', ['execute p using $1', 'select 2']],
])('%j', (sql, statements) => {
  expect(splitStatements(sql)).toEqual(statements);
});

test.each(["select 'a; b", 'select $$ a; b', '/* a; b'])(
  'what is never closed stays one statement, or is cut where nothing can be meant: %j',
  (sql) => {
    expect(splitStatements(sql).join('; ')).toBe(sql);
  },
);
