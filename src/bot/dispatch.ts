import type { Message } from 'grammy/types';
import { type AttemptCode, recordAttempt } from '../store/attempts.ts';
import { meetPerson } from '../store/people.ts';
import { type CommandText, findCommand, isDisguisedCommand } from './command-text.ts';
import { type Asker, type Command, type Invocation, mayUse } from './commands/command.ts';
import { COMMANDS, findCommandByName } from './commands/table.ts';
import type { BotContext } from './context.ts';
import type { BotDeps } from './deps.ts';
import { describeRoles, greetStranger } from './greeting.ts';
import { toChatRef } from './message-place.ts';
import { findNearestName } from './nearest-name.ts';
import { makeRateLimit } from './rate-limit.ts';
import { identify, NOBODY_TEXTS, type Speaker } from './speaker.ts';
import { isStale } from './stale.ts';
import { code, fmt, toView, type View } from './view.ts';

const GATE_GROUPS: ReadonlySet<Command['group']> = new Set(['Decisions', 'Emergency', 'People']);

/** What somebody decides in the midst of a flood is not lost in it. */
const UNLIMITED: ReadonlySet<string> = new Set(['resume', 'approve']);

type PersonSpeaking = Extract<Speaker, { kind: 'person' }>;

/** Handles one message; resolves whether it was for us. */
export type MessageHandler = (context: BotContext, message: Message) => Promise<boolean>;

/** `/stop` alone, before everything else: no look at who somebody is, no limit, however old the message. The database decides. */
export function makeStopHandler(deps: BotDeps): MessageHandler {
  const stop = findCommandByName('stop');
  return async (context, message) => {
    const found = findCommand(message, deps.botInfo.username);
    if (found?.name !== 'stop' || found.isCaption || stop === undefined) return false;
    const reply = makeReply(context, message, deps);
    const speaker = identify(message);
    if (speaker.kind === 'nobody') await answerNobody(speaker.reason, reply);
    else await stop.run(toInvocation(context, message, found, { ...speaker, roles: [] }, reply), deps);
    return true;
  };
}

/** `/resume`, before a question that any text would answer. */
export function makeResumeHandler(handle: MessageHandler, { botInfo }: Pick<BotDeps, 'botInfo'>): MessageHandler {
  return (context, message) =>
    findCommand(message, botInfo.username)?.name === 'resume' ? handle(context, message) : Promise.resolve(false);
}

/** Every other command, for people with the role it takes; and what a person writes in a private chat that is no command. */
export function makeMessageHandler(deps: BotDeps): MessageHandler {
  const commandLimit = makeRateLimit({ clock: deps.clock, limit: 20, windowMs: 10_000 });
  // A long text arrives in several messages; one hint is enough for all of them.
  const hintLimit = makeRateLimit({ clock: deps.clock, limit: 1, windowMs: 60_000 });

  return async (context, message) => {
    const found = findCommand(message, deps.botInfo.username);
    const isPrivate = message.chat.type === 'private';
    // Somebody may rest on the stop that this was meant to be.
    const isDisguised = found === null && isDisguisedCommand(message) && (isPrivate || message.chat.id === deps.adminChat.chatId);
    if (found === null && !isDisguised && !(isPrivate && hasContent(message))) return false;
    const reply = makeReply(context, message, deps);
    const speaker = identify(message);
    if (speaker.kind === 'nobody') {
      if (found !== null && speaker.reason !== 'bot') await noteAttempt(found, message.sender_chat?.id ?? message.from?.id, 'nobody', deps);
      if (found === null || isOurs(found, isPrivate)) await answerNobody(speaker.reason, reply);
      return true;
    }
    if (found !== null && !isOurs(found, isPrivate)) return false;
    const rate = found !== null && UNLIMITED.has(found.name) ? 'ok' : commandLimit.take(speaker.externalId);
    if (rate === 'first') await reply(toView('That was a lot at once. I answer again in ten seconds; /stop always works.'));
    if (rate !== 'ok') {
      deps.log.info({ externalId: speaker.externalId, command: found?.name ?? null }, 'message over the limit dropped');
      return true;
    }
    const person = await meetPerson(deps.rpc, { ...speaker, isPrivate });
    // Beside the answer, not before it.
    const showingMenu = isPrivate ? deps.menus.show({ ...person, hasPrivateChat: true }, context.signal) : null;
    const isForAnybody = found !== null && findCommandByName(found.name)?.roles === 'anyone';
    if (found !== null && !mayGive(found, person.roles)) await noteAttempt(found, speaker.externalId, 'no_role', deps);
    if (person.roles.length === 0 && !isForAnybody) await greetStranger(deps.rpc, person, reply);
    else if (found !== null) await runCommand(context, message, found, { ...person, ...speaker, roles: person.roles }, reply, deps);
    else if (isDisguised) await reply(toView(DISGUISED));
    else if (hintLimit.take(speaker.externalId) === 'ok') await reply(makeHint());
    await showingMenu;
    return true;
  };
}

/** In a group, a word that we do not know may be another bot's, unless it names us. */
function isOurs({ name, isAddressed }: CommandText, isPrivate: boolean): boolean {
  return isPrivate || isAddressed || findCommandByName(name) !== undefined;
}

async function runCommand(
  context: BotContext,
  message: Message,
  found: CommandText,
  asker: PersonSpeaking & Asker,
  reply: Invocation['reply'],
  deps: BotDeps,
): Promise<void> {
  const command = findCommandByName(found.name);
  const refusal = command === undefined ? describeUnknown(found.name, asker) : findRefusal(command, found, message, asker, deps);
  if (command === undefined || refusal !== null) await reply(refusal ?? makeHint());
  else await command.run(toInvocation(context, message, found, asker, reply), deps);
}

const mayGive = ({ name }: CommandText, roles: Asker['roles']): boolean => {
  const command = findCommandByName(name);
  return command === undefined || mayUse(command, roles);
};

/** Whoever tries to decide something without being somebody who may leaves a trace. To ask for a list is no attempt on anything. */
async function noteAttempt({ name }: CommandText, externalId: number | undefined, reason: AttemptCode, { rpc }: BotDeps): Promise<void> {
  const command = findCommandByName(name);
  if (command === undefined || externalId === undefined || !GATE_GROUPS.has(command.group)) return;
  await recordAttempt(rpc, { externalId, what: `/${name}`, code: reason });
}

function findRefusal(command: Command, { isCaption }: CommandText, message: Message, { roles }: Asker, { clock }: BotDeps): View | null {
  const { name } = command;
  if (!mayUse(command, roles)) {
    const takes = command.roles === 'anyone' ? '' : command.roles.join(' or ');
    return toView(`You may not use /${name}: it takes the role ${takes}, and you are ${describeRoles(roles)}. An owner gives roles.`);
  }
  if (isCaption && command.takesCaption !== true)
    return toView(`I take /${name} as a message of its own, not under a file. Nothing was done.`);
  if (command.isRefusedWhenStale === true && isStale(message, clock())) {
    return toView(
      `This /${name} reached me late: it is older than 15 minutes, and things may have changed. Nothing was done. Look again, and repeat it if you still mean it.`,
    );
  }
  return null;
}

function describeUnknown(name: string, { roles }: Asker): View {
  const usable = COMMANDS.filter((command) => mayUse(command, roles)).map((command) => command.name);
  const nearest = findNearestName(name, usable);
  const guess = nearest === null ? fmt`` : fmt` Did you mean ${code(`/${nearest}`)}?`;
  return toView(fmt`I do not know ${code(`/${name}`)}.${guess} /help lists what you may use.`);
}

const DISGUISED =
  'That looks like a command and is none: a letter in it is of another alphabet, or nobody sees it. Nothing was done. Type it anew.';

const makeHint = (): View => toView(fmt`To give me a task, write ${code('/task')} and then the goal. /help shows everything else.`);

const hasContent = ({ text, caption, photo, document, forward_origin: forward }: Message): boolean =>
  text !== undefined || caption !== undefined || photo !== undefined || document !== undefined || forward !== undefined;

async function answerNobody(reason: Extract<Speaker, { kind: 'nobody' }>['reason'], reply: Invocation['reply']): Promise<void> {
  if (reason !== 'bot') await reply(toView(NOBODY_TEXTS[reason]));
}

function makeReply({ signal }: BotContext, message: Message, { outbound }: BotDeps): Invocation['reply'] {
  return (view, options = {}) => outbound.send(toChatRef(message), view, { ...options, replyTo: message.message_id, signal });
}

function toInvocation(context: BotContext, message: Message, { args }: CommandText, asker: Asker, reply: Invocation['reply']): Invocation {
  const { signal, update } = context;
  return { args, message, chat: toChatRef(message), asker, updateId: update.update_id, signal, context, reply };
}
