import type { Anchor } from '../domain/evidence/anchor.ts';
import { toAppError } from '../errors.ts';
import { loadAnchorState } from '../store/anchors.ts';
import { type AuditProof, verifyAudit } from '../store/audit.ts';
import { raiseIncident } from '../store/incidents.ts';
import { findAnchorIn } from './anchor-notice.ts';
import { tryAll } from './best-effort.ts';
import type { Invocation } from './commands/command.ts';
import type { CommandDeps } from './deps.ts';
import { fmt, type Rich } from './view.ts';
import { makeProofView, type Outside } from './views/audit-proof.ts';

/**
 * Recomputes the audit log and says how it stands: by itself, against the copies at AGS_ANCHOR_URL and, as a reply to an anchor's message,
 * against that one.
 */
export async function verifyLog({ message, context, signal }: Invocation, deps: CommandDeps): Promise<Rich> {
  const replied = message.reply_to_message;
  const told = findAnchorIn(replied, context.me.id);
  if (replied !== undefined && told === null && isAboutAnchor(replied.text)) {
    return fmt`That message says that it holds an anchor, but I did not write it so: it is forwarded, edited or somebody else’s. Nothing was checked against it.`;
  }
  const outside = await findOutside(deps, signal);
  const kept = [...(told === null ? [] : [told]), ...outside.anchors];
  const startedAtMs = deps.clock().getTime();
  const proof = await verifyAudit(deps.rpc, { kept, signal });
  await alertOfBreak(proof, deps);
  const now = deps.clock();
  return makeProofView({ proof, told, outside, elapsedMs: now.getTime() - startedAtMs, time: deps.time, now });
}

/** Whoever asked is told anyway; those who did not ask have to know too. */
async function alertOfBreak({ problems }: AuditProof, { rpc, log }: CommandDeps): Promise<void> {
  const [first] = problems;
  if (first === undefined) return;
  const { problem, chain, seq, number } = first;
  const evidence = { problem, chain, seq, anchor: number, problems: problems.length };
  const title = 'the audit log is not what was written';
  await tryAll(log, [raiseIncident(rpc, { kind: 'audit_broken', key: 'log', severity: 'critical', title, evidence })]);
}

const isAboutAnchor = (text: string | undefined): boolean => /Audit anchor \d/.test(text ?? '');

/**
 * What stands at AGS_ANCHOR_URL for the last anchor that is kept there, and after it: a database that was put back to an older state
 * has another one, or none, where the newer ones stand.
 */
async function findOutside({ rpc, anchorStore, log }: CommandDeps, signal: AbortSignal): Promise<Outside> {
  if (anchorStore === null) return { state: 'none', anchors: [] };
  try {
    const { last, places } = await loadAnchorState(rpc);
    // The last one may be on its way: that it is not there yet says nothing.
    const numbers = [...new Set([places.url, last?.number, (last?.number ?? 0) + 1])].filter((number) => number !== undefined);
    const found = await Promise.all(numbers.map((number) => anchorStore.find(number, signal)));
    const missing = numbers.find((number, index) => number === places.url && found[index] === null) ?? null;
    return { state: 'looked', anchors: found.filter((anchor): anchor is Anchor => anchor !== null), missing };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    const err = toAppError(thrown);
    log.warn({ err }, 'kept anchors could not be read');
    return { state: 'failed', anchors: [], problem: err.message };
  }
}
