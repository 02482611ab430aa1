import type { Message } from 'grammy/types';
import { findPeople } from '../../store/roles.ts';
import type { Rpc } from '../../store/rpc.ts';
import { identify } from '../speaker.ts';
import { code, fmt, type Rich } from '../view.ts';
import { inLine } from '../views/quoted.ts';

export type ReadPerson = { externalId: number; rest: string } | { problem: Rich };

const ID = /^\d{1,16}$/;
const USERNAME = /^@[A-Za-z0-9_]{1,64}$/;

/**
 * The person at the beginning of a command's arguments: a numeric id, the @username of somebody who has written before, or, where neither
 * stands there, the author of the message that is answered. Whatever it is, from here on it is a number.
 */
export async function readPerson(args: string, message: Message, rpc: Rpc): Promise<ReadPerson> {
  const [, word = '', rest = ''] = /^(\S*)\s*([\s\S]*)$/.exec(args) ?? [];
  if (ID.test(word)) return { externalId: Number(word), rest };
  if (USERNAME.test(word)) return findByName(word, rest, rpc);
  const answered = findAnswered(message);
  if (answered !== null) return { externalId: answered, rest: args };
  const got = word === '' ? fmt`Whom?` : fmt`I read ${code(inLine(word, 40))} as the person, and it names nobody.`;
  return { problem: fmt`${got} Give a numeric id, the @username of somebody who has written to me, or answer a message of theirs.` };
}

async function findByName(word: string, rest: string, rpc: Rpc): Promise<ReadPerson> {
  const found = await findPeople(rpc, word);
  const [first] = found;
  if (first === undefined) {
    return { problem: fmt`Nobody called ${code(word)} has written to me. They can do so now, or give their numeric id.` };
  }
  if (found.length === 1) return { externalId: first.externalId, rest };
  const ids = found.map(({ externalId }) => externalId).join(', ');
  return { problem: fmt`${code(word)} has been the name of several accounts (${ids}). Give the numeric id.` };
}

/** Only of a message that somebody wrote as themselves. The first message of a topic answers nobody. */
function findAnswered({ reply_to_message: answered }: Message): number | null {
  if (answered === undefined || answered.forum_topic_created !== undefined) return null;
  const speaker = identify(answered);
  return speaker.kind === 'person' ? speaker.externalId : null;
}

/** The arguments with each mention of a person who has no username replaced by their numeric id, which Telegram vouches for. */
export function nameMentions(args: string, { text = '', entities = [] }: Message): string {
  const start = text.length - text.trimEnd().length;
  const offset = text.length - start - args.length;
  const mentions = entities.flatMap((entity) => (entity.type === 'text_mention' ? [entity] : [])).toReversed();
  return mentions.reduce((rest, mention) => {
    const at = mention.offset - offset;
    return at < 0 ? rest : `${rest.slice(0, at)}${mention.user.id}${rest.slice(at + mention.length)}`;
  }, args);
}
