import { Reference } from '../../domain/ids.ts';
import { describePolicyChange } from '../../policy/describe.ts';
import { parsePolicy } from '../../policy/parse.ts';
import { findChange } from '../../store/changes.ts';
import { findPolicy, type PolicyRow } from '../../store/policies.ts';
import { findPolicyOffer, findPolicyOrigin } from '../../store/policy-changes.ts';
import { findPrompts } from '../../store/prompt-sets.ts';
import { ASK_POLICY, type PolicyQuestion } from '../ask-policy.ts';
import type { CommandDeps } from '../deps.ts';
import { loadPolicyFacts } from '../policy-facts.ts';
import { loadPolicyText } from '../policy-text.ts';
import { sendTextOrFile } from '../send-text-or-file.ts';
import { type PolicyUse, takePolicy } from '../take-policy.ts';
import { code, fmt, toView } from '../view.ts';
import { describeBacktest } from '../views/policy-backtest.ts';
import { describeChanges, makePolicyWords } from '../views/policy-words.ts';
import { inLine } from '../views/quoted.ts';
import { approve } from './approve.ts';
import { ANY_ROLE, type Command, type Invocation } from './command.ts';

const USAGE = '/policy [show|diff|propose|simulate|approve]';

type Sub = (invocation: Invocation, rest: string, deps: CommandDeps) => Promise<void>;

const SUBS: ReadonlyMap<string, Sub> = new Map<string, Sub>([
  ['show', show],
  ['diff', diff],
  ['propose', (invocation, rest, deps) => use('propose', invocation, rest, deps)],
  ['simulate', (invocation, rest, deps) => use('simulate', invocation, rest, deps)],
  ['approve', decide],
]);

export const policy: Command = {
  name: 'policy',
  group: 'Decisions',
  description: 'The rules in force; propose others, for two people to decide',
  usage: USAGE,
  example: '/policy propose',
  roles: ANY_ROLE,
  isRefusedWhenStale: true,
  takesCaption: true,
  async run(invocation, deps) {
    const [, word = '', rest = ''] = /^(\S*)\s*([\s\S]*)$/.exec(invocation.args) ?? [];
    const sub = SUBS.get(word.toLowerCase() || 'show');
    if (sub !== undefined) return sub(invocation, rest, deps);
    const known = [...SUBS.keys()].join(', ');
    await invocation.reply(toView(fmt`I know ${known} here, not ${code(inLine(word, 40))}: ${code(USAGE)}.`));
  },
};

const NO_VERSION = 'There is no such policy version.';

/** `[N] [file]`: the version in force, or another one; in words, or the file itself. */
async function show(
  { reply, chat, message, signal }: Invocation,
  rest: string,
  { rpc, outbound, clock, time }: CommandDeps,
): Promise<void> {
  const [, number, asFile] = /^(\d{1,9})?\s*(file)?$/i.exec(rest.trim()) ?? [null, undefined, undefined];
  if (!/^(\d{1,9})?\s*(file)?$/i.test(rest.trim())) {
    await reply(toView(fmt`${code('/policy show [N] [file]')}, with N the number of a version.`));
    return;
  }
  const version = number === undefined ? null : Number(number);
  const [row, origin] = await Promise.all([findPolicy(rpc, version), findPolicyOrigin(rpc, version)]);
  if (row === null || origin === null) {
    await reply(toView(NO_VERSION));
    return;
  }
  if (asFile === undefined) {
    const { policy } = parsePolicy(row.source);
    const prompts = origin.retiredAt === null ? await findPrompts(rpc) : null;
    await reply(toView(makePolicyWords({ policy, checksum: row.checksum, origin, prompts, now: clock(), time })));
    return;
  }
  const caption = toView(fmt`Policy version ${row.policyVersion}, checksum ${code(row.checksum)}`);
  const file = { name: `policy-v${row.policyVersion}.yaml`, bytes: Buffer.from(row.source), caption };
  await outbound.sendFile(chat, file, { replyTo: message.message_id, signal });
}

/** `[N] [M]`: what changed from N to M; without numbers what the version in force brought. With a reference, what a proposal would change. */
async function diff(invocation: Invocation, rest: string, deps: CommandDeps): Promise<void> {
  const { reply } = invocation;
  const words = rest.trim().split(/\s+/).filter(Boolean);
  const reference = Reference.safeParse(words[0] ?? '');
  if (reference.success) return diffProposal(reference.data, invocation, deps);
  if (words.length > 2 || words.some((word) => !/^\d{1,9}$/.test(word))) {
    await reply(toView(fmt`${code('/policy diff [N] [M]')} with numbers of versions, or with the reference of a proposal.`));
    return;
  }
  const [from, to] = await loadPair(words.map(Number), deps);
  if (from === null || to === null) {
    await reply(toView(words.length === 0 ? 'There is one version only: the one that came with the installation.' : NO_VERSION));
    return;
  }
  const changes = describePolicyChange(parsePolicy(from.source).policy, parsePolicy(to.source).policy);
  const head = `From version ${from.policyVersion} to version ${to.policyVersion}:`;
  await sendWords([head, ...describeChanges(changes, changes.length, '')], 'policy-diff.txt', invocation, deps);
}

async function loadPair([first, second]: number[], { rpc }: CommandDeps): Promise<[PolicyRow | null, PolicyRow | null]> {
  if (first !== undefined) return Promise.all([findPolicy(rpc, first), findPolicy(rpc, second ?? null)]);
  const previous = (await findPolicyOrigin(rpc))?.previousVersion ?? null;
  return previous === null ? [null, null] : Promise.all([findPolicy(rpc, previous), findPolicy(rpc)]);
}

async function diffProposal(reference: string, invocation: Invocation, deps: CommandDeps): Promise<void> {
  const change = await findChange(deps.rpc, reference);
  const facts = change === null ? null : await loadPolicyFacts(deps.rpc, change);
  if (change === null || facts === null) {
    await invocation.reply(toView(fmt`${code(reference)} is no proposal of a policy.`));
    return;
  }
  const { changes, backtest, checksum } = facts;
  const rows = [
    `${reference} (${change.status}), against version ${change.policyVersion}:`,
    ...describeChanges(changes, changes.length, ''),
    '',
    ...(backtest === null ? [] : describeBacktest(backtest, Number.POSITIVE_INFINITY)),
    `Checksum ${checksum}`,
  ];
  await sendWords(rows, `policy-diff-${reference}.txt`, invocation, deps);
}

async function sendWords(
  rows: readonly string[],
  name: string,
  { chat, message, signal }: Invocation,
  { outbound }: CommandDeps,
): Promise<void> {
  await sendTextOrFile(outbound, chat, { text: rows.join('\n'), name, caption: rows[0] ?? '' }, { replyTo: message.message_id, signal });
}

/** Takes the policy that came along, or the deployment's file, or asks for one. */
async function use(purpose: PolicyUse, invocation: Invocation, rest: string, deps: CommandDeps): Promise<void> {
  const { message, reply, signal, context, asker, chat } = invocation;
  if (purpose === 'propose' && !asker.roles.includes('owner')) {
    await reply(toView('Only an owner proposes a policy. /policy simulate tries one on past tasks without proposing it.'));
    return;
  }
  const text = rest.toLowerCase() === 'file' ? await findOffered(deps) : await loadPolicyText({ message, rest }, deps.attachments, signal);
  if (text !== null && 'problem' in text) {
    await reply(toView(text.problem));
    return;
  }
  if (text !== null) return takePolicy(purpose, text, { externalId: asker.externalId, chat, messageId: message.message_id, signal }, deps);
  // Asked twice, the newer question counts.
  await context.conversation.exit(ASK_POLICY);
  await context.conversation.enter(ASK_POLICY, { use: purpose, reason: rest } satisfies PolicyQuestion);
}

async function findOffered({ rpc }: CommandDeps) {
  const { draft } = await findPolicyOffer(rpc, null);
  if (draft === null) return { problem: 'The program was started with no other file than what is in force, or was before.' };
  return { source: draft.source, reason: 'the file that the program was started with' };
}

/** `REF [yes|no …]`: as `/approve`. */
async function decide(invocation: Invocation, rest: string, deps: CommandDeps): Promise<void> {
  const args = /^\S+$/.test(rest.trim()) ? `${rest.trim()} yes` : rest;
  const { asker, reply } = invocation;
  if (!asker.roles.some((role) => role === 'owner' || role === 'operator')) {
    await reply(toView('Only operators and owners decide. You can read it with /policy diff and its reference.'));
    return;
  }
  return approve.run({ ...invocation, args }, deps);
}
