import type { z } from 'zod';
import type { Anchor } from '../../../src/domain/evidence/anchor.ts';
import { makeAnchor } from '../../../src/store/anchors.ts';
import { type AuditProof, verifyAudit } from '../../../src/store/audit.ts';
import type { Rpc } from '../../../src/store/rpc.ts';
import type { StoryDatabase } from '../../support/story-world.ts';

/** What the server's owner has who knows how the program hashes: chains written anew from some record on, and anchors over them. */
const FORGERY = `
  create schema forgery;
  create function forgery.rehash(p_chain text) returns void language plpgsql as $$
  declare
    v_row public.audit_logs;
    v_seq bigint := 0;
    v_hash text := encode(sha256(convert_to(p_chain, 'UTF8')), 'hex');
  begin
    update public.audit_logs set seq = seq + 1000000, prev_hash = id::text where chain = p_chain;
    for v_row in select * from public.audit_logs where chain = p_chain order by seq loop
      v_seq := v_seq + 1;
      update public.audit_logs set seq = v_seq, prev_hash = v_hash,
        hash = public._audit_hash(v_hash, chain, v_seq, actor, action, object, before_json, after_json, ts)
      where id = v_row.id returning hash into v_hash;
    end loop;
    update public.audit_heads set seq = v_seq, hash = v_hash where chain = p_chain;
  end $$;
  create function forgery.reanchor() returns void language plpgsql as $$
  declare
    v_anchor public.anchors;
    v_hash text := encode(sha256(convert_to('anchors', 'UTF8')), 'hex');
    v_number bigint := 0;
  begin
    delete from public.anchor_places;
    update public.anchor_chains c set to_seq = least(c.to_seq, h.seq) from public.audit_heads h where h.chain = c.chain and c.from_seq <= h.seq and c.to_seq > h.seq;
    delete from public.anchor_chains c where not exists (select from public.audit_logs l where l.chain = c.chain and l.seq = c.to_seq);
    update public.anchor_chains c set head_hash = l.hash from public.audit_logs l where l.chain = c.chain and l.seq = c.to_seq;
    for v_anchor in select * from public.anchors order by anchor_number loop
      if not exists (select from public.anchor_chains where anchor_number = v_anchor.anchor_number) then
        delete from public.anchors where anchor_number = v_anchor.anchor_number;
        continue;
      end if;
      v_number := v_number + 1;
      update public.anchor_chains set anchor_number = v_number where anchor_number = v_anchor.anchor_number;
      delete from public.anchors where anchor_number = v_anchor.anchor_number;
      insert into public.anchors
      select v_number, v_hash, sum(to_seq - from_seq + 1), count(*), public._anchor_root(v_number), v_anchor.made_at, '' from public.anchor_chains where anchor_number = v_number;
      update public.anchors a set hash = public._anchor_hash(a.anchor_number, a.prev_hash, a.record_count, a.chain_count, a.merkle_root, a.made_at)
      where anchor_number = v_number returning hash into v_hash;
    end loop;
  end $$;
  grant usage on schema forgery to public;`;

/** Takes the guards away, as only the owner of the server can: the triggers, and the constraints that would catch a clumsy hand at once. */
export async function takeGuardsAway(db: StoryDatabase): Promise<void> {
  await db.sql(FORGERY);
  for (const table of ['audit_logs', 'anchors', 'anchor_chains', 'anchor_places'])
    await db.sql(`alter table public.${table} disable trigger user`);
  await db.sql(
    'alter table public.audit_logs drop constraint audit_logs_one_record_per_place, drop constraint audit_logs_chain_never_forks',
  );
  await db.sql('alter table public.anchors drop constraint anchors_never_fork');
}

/** The program's own functions, called inside the owner's open transaction, so that what was done to the rows can be undone. */
export function makeOwnerRpc(db: StoryDatabase): Rpc {
  return {
    role: 'ags_reader',
    async call<T>(name: string, args: Record<string, unknown>, schema: z.ZodType<T>) {
      const entries = Object.entries(args);
      const values = entries.map(([, value]) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value));
      const [row] = await db.sql(
        `select public.${name}(${entries.map(([key], index) => `${key} => $${index + 1}`).join(', ')}) as answer`,
        values,
      );
      return schema.parse(row?.answer);
    },
  };
}

export const verify = (db: StoryDatabase, kept: readonly Anchor[] = []): Promise<AuditProof> => verifyAudit(db.rpc('ags_reader'), { kept });

export async function anchor(db: StoryDatabase): Promise<Anchor> {
  const made = await makeAnchor(db.rpc('ags_worker'), 0);
  if (made.anchor === null) throw new Error(`no anchor was made: ${made.outcome}`);
  return made.anchor;
}
