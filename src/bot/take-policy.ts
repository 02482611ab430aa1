import type { ChatRef } from '../domain/message.ts';
import { AppError } from '../errors.ts';
import { describePolicyChange } from '../policy/describe.ts';
import { redactPersonalData } from '../policy/guards/pii.ts';
import { type ParsedPolicy, parsePolicy } from '../policy/parse.ts';
import type { PolicyProblem } from '../policy/problems.ts';
import { findPolicy } from '../store/policies.ts';
import { proposePolicy, simulatePolicy } from '../store/policy-changes.ts';
import { tryAskProposer } from './ask-code.ts';
import { tryAll, tryDeliver } from './best-effort.ts';
import { describeProposal } from './commands/propose.ts';
import type { CommandDeps } from './deps.ts';
import type { PolicyText } from './policy-text.ts';
import { sendTextOrFile } from './send-text-or-file.ts';
import { toView } from './view.ts';
import { BACKTEST_DAYS, describeBacktest } from './views/policy-backtest.ts';
import { describeChanges, makeProblemsText } from './views/policy-words.ts';

/** What somebody wants of a policy that they sent. */
export type PolicyUse = 'propose' | 'simulate';

export interface PolicyAsker {
  externalId: number;
  chat: ChatRef;
  /** What is answered. */
  messageId: number;
  signal: AbortSignal;
}

/** Reads a policy that somebody sent, tells all that is wrong with it, or proposes it or tries it on past tasks. */
export async function takePolicy(use: PolicyUse, { source, reason }: PolicyText, asker: PolicyAsker, deps: CommandDeps): Promise<void> {
  const read = tryParse(source);
  if ('problems' in read) {
    const { chat, messageId, signal } = asker;
    await deps.outbound.send(chat, toView(makeProblemsText(read.problems)), { replyTo: messageId, signal });
    return;
  }
  return use === 'propose' ? propose(read, reason, asker, deps) : simulate(read, asker, deps);
}

function tryParse(source: string): ParsedPolicy | { problems: PolicyProblem[] } {
  try {
    return parsePolicy(source);
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== 'policy_invalid') throw thrown;
    // `makePolicyError` puts them there, and nobody else raises this code while parsing.
    return { problems: thrown.context.problems as PolicyProblem[] };
  }
}

async function propose({ source, policy, checksum }: ParsedPolicy, reason: string, asker: PolicyAsker, deps: CommandDeps): Promise<void> {
  const { externalId, chat, messageId, signal } = asker;
  // A reason becomes rows.
  const who = { externalId, reason: redactPersonalData(reason) };
  const proposal = await proposePolicy(deps.rpc, { source, document: policy, checksum }, who);
  const { change } = proposal;
  const card = change === null ? [] : [deps.cards.drawChange(change.changeId, signal)];
  const ownWord = await tryAskProposer(deps, proposal, externalId, signal);
  const answer = deps.outbound.send(chat, toView(describeProposal(proposal, ownWord)), { replyTo: messageId, signal });
  await tryAll(deps.log, [answer, ...card, tryDeliver(deps, proposal.deliver)]);
}

/** Nothing is kept of it. */
async function simulate({ policy }: ParsedPolicy, { chat, messageId, signal }: PolicyAsker, deps: CommandDeps): Promise<void> {
  const { rpc, outbound } = deps;
  const [base, backtest] = await Promise.all([findPolicy(rpc), simulatePolicy(rpc, policy, BACKTEST_DAYS)]);
  const changes = base === null ? [] : describePolicyChange(parsePolicy(base.source).policy, policy);
  const text = [
    `What would change against version ${base?.policyVersion ?? 'none'}:`,
    ...describeChanges(changes, changes.length, ''),
    '',
    ...describeBacktest(backtest, Number.POSITIVE_INFINITY),
    '',
    'Nothing was proposed.',
  ].join('\n');
  await sendTextOrFile(
    outbound,
    chat,
    { text, name: 'policy-simulation.txt', caption: 'What this policy would change.' },
    { replyTo: messageId, signal },
  );
}
