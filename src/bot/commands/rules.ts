import { Reference } from '../../domain/ids.ts';
import { liftRule, listRules } from '../../store/denials.ts';
import type { CommandDeps } from '../deps.ts';
import { RULE_TEXTS } from '../errors.ts';
import { code, fmt, type Rich, toView } from '../view.ts';
import { makeRuleList } from '../views/denial.ts';
import { inLine } from '../views/quoted.ts';
import { ANY_ROLE, type Command } from './command.ts';

export const rules: Command = {
  name: 'rules',
  group: 'Decisions',
  description: 'What may not be asked for now, and why; lift a rule before its time',
  usage: '/rules [lift REF]',
  example: '/rules lift T2-7F3K',
  roles: ANY_ROLE,
  isRefusedWhenStale: true,
  async run({ args, asker, reply, signal }, deps) {
    const [word = '', reference = ''] = args.trim().split(/\s+/);
    if (word === '') await reply(toView(await describeAll(deps, signal)));
    else if (word.toLowerCase() === 'lift') await reply(toView(await lift(reference, asker.externalId, deps)));
    else await reply(toView(fmt`I read ${code(inLine(word, 40))} and know only ${code('/rules')} and ${code('/rules lift REF')}.`));
  },
};

async function describeAll({ rpc, findChatName, clock, time }: CommandDeps, signal: AbortSignal): Promise<Rich> {
  const found = await listRules(rpc);
  const named = await Promise.all(found.map(async (rule) => ({ ...rule, target: await findChatName(rule.targetChatId, signal) })));
  return makeRuleList(named, { now: clock(), time });
}

async function lift(word: string, externalId: number, { rpc }: CommandDeps): Promise<Rich> {
  const reference = Reference.safeParse(word);
  if (!reference.success) return fmt`Which rule? Its name is a reference such as ${code('T2-7F3K')}: /rules lists them.`;
  const outcome = await liftRule(rpc, { reference: reference.data, externalId });
  return outcome.code === null
    ? fmt`Lifted ${code(reference.data)}: it may be asked for again.`
    : fmt`${code(reference.data)}: ${RULE_TEXTS[outcome.code]}`;
}
