import type { ServerWorld } from './world.ts';

/** What a finished task leaves, in the order of the references between them. */
const TABLES = ['tasks', 'task_steps', 'artifacts', 'events', 'engine_calls', 'effects', 'effect_attempts', 'audit_heads', 'audit_logs'];
/** A task's own ids. Others, such as a person's, mean the same in every copy. */
const OWN_IDS = ['artifact_id', 'event_id', 'call_id', 'effect_id', 'attempt_id'];
const BATCH = 2_000;

interface Column {
  column_name: string;
  data_type: string;
  is_derived: boolean;
}

/**
 * Writes so many copies of a finished task's rows, each under ids of its own: every constraint holds for them as for the first. The texts
 * name the copy's task where they named the first's. Written without waiting for the disk, and without looking up the references, which
 * are right by the way they are made.
 */
export async function cloneTask({ sql }: Pick<ServerWorld, 'sql'>, taskId: string, count: number): Promise<void> {
  const statements = [];
  for (const table of TABLES) statements.push(writeClone(table, await listColumns(sql, table)));
  for (let from = 0; from < count; from += BATCH) {
    const values = [taskId, from, Math.min(count, from + BATCH) - 1];
    const quoted = values.map((value) => (typeof value === 'number' ? value : `'${value}'`));
    const filled = statements.map((text) => text.replace(/\$([123])/g, (_, place) => String(quoted[Number(place) - 1])));
    // One simple query is one transaction, so that the settings are its own.
    await sql(`set local session_replication_role = replica; set local synchronous_commit = off; ${filled.join(';')}`);
  }
  await sql('analyze');
}

async function listColumns(sql: ServerWorld['sql'], table: string): Promise<Column[]> {
  const rows = await sql(
    `select column_name, data_type, is_generated = 'ALWAYS' or is_identity = 'YES' as is_derived from information_schema.columns
    where table_schema = 'public' and table_name = $1 order by ordinal_position`,
    [table],
  );
  return rows.map(({ column_name, data_type, is_derived }) => ({
    column_name: String(column_name),
    data_type: String(data_type),
    is_derived: is_derived === true,
  }));
}

function writeClone(table: string, columns: Column[]): string {
  const written = columns.filter(({ is_derived }) => !is_derived);
  const owner = { effect_attempts: 'r.effect_id in (select effect_id from public.effects where task_id = $1)' }[table];
  const key = table.startsWith('audit_') ? 'chain' : 'task_id';
  return `insert into public.${table} (${written.map(({ column_name }) => column_name).join(', ')})
    select ${written.map(toValue).join(', ')} from generate_series($2::int, $3::int) n cross join public.${table} r where ${owner ?? `r.${key} = $1`}`;
}

/** A day long past, so that no copy's id is one that the program will give. */
const NEW_ID = `format('T-2020-01-01-%s', lpad(n::text, 6, '0'))`;

function toValue({ column_name: name, data_type: type }: Column): string {
  const column = `r.${name}`;
  if (name === 'source_key') return `'clone-' || n`;
  if (type === 'uuid' && OWN_IDS.includes(name)) return `md5(${column}::text || n)::uuid`;
  if (type === 'text') return `replace(${column}, $1, ${NEW_ID})`;
  if (type === 'jsonb') return `replace(${column}::text, $1, ${NEW_ID})::jsonb`;
  return column;
}
