import type { Judgement } from './judgement.ts';

/** What is known of how a PostgreSQL writes; null where it does not let one look. */
export interface PostgresFacts {
  fsync: string | null;
  full_page_writes: string | null;
  synchronous_commit: string | null;
}

/** What each setting loses while it is off. The words go on from "so that". */
const LOSSES: Record<keyof PostgresFacts, string> = {
  fsync: 'a power cut would lose or ruin what it has confirmed',
  full_page_writes: 'a power cut would leave pages that are half written',
  synchronous_commit: 'a crash would lose the last moments of what it has confirmed: an effect could be carried out twice',
};

/** As the login's own session: it may have settings of its own. */
export const POSTGRES_FACTS = `
  select current_setting('fsync', true) as fsync, current_setting('full_page_writes', true) as full_page_writes,
    current_setting('synchronous_commit', true) as synchronous_commit`;

/** Decides whether a PostgreSQL keeps what it says it keeps. */
export function judgePostgres(facts: PostgresFacts, variable: string): Judgement {
  // The keys of the table are those of the facts.
  const names = Object.keys(LOSSES) as (keyof PostgresFacts)[];
  return {
    problems: names
      .filter((name) => facts[name] === 'off')
      .map(
        (name) =>
          `${variable}: this PostgreSQL has ${name} off, so that ${LOSSES[name]}; set ${name} = on in postgresql.conf, and look whether the login or the database sets it otherwise`,
      ),
    warnings: names
      .filter((name) => facts[name] === null)
      .map((name) => `${variable}: PostgreSQL does not tell its setting ${name}; make sure that it is on, or ${LOSSES[name]}.`),
  };
}

/** Through HTTP alone nobody can ask. */
export const UNREAD_POSTGRES = `SUPABASE_URL: how its PostgreSQL writes (${Object.keys(LOSSES).join(', ')}) cannot be read through HTTP; set DATABASE_URL too to have it checked.`;
