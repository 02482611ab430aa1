import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHATS } from '../../../src/sandbox/world.ts';
import { adam, bella, max, olivia, openStage, rita, type Stage, sam } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  await stage.start();
});
afterAll(() => stage[Symbol.asyncDispose]());

const textOf = (message: { text?: string }) => message.text ?? '';

describe('who somebody is to the bot', () => {
  test('a stranger is answered once, with their id to copy, and /start always answers', async () => {
    const first = await stage.ask(sam.id, sam.id, '/task make me rich');
    expect(textOf(first)).toContain('nobody has given you a role');
    expect(first.reply_markup).toEqual({ inline_keyboard: [[{ text: 'Copy my id', copy_text: { text: '141' } }]] });
    stage.telegram.say(sam.id, sam.id, 'hello?');
    stage.telegram.say(sam.id, sam.id, '/stop');
    await stage.settle();
    expect(stage.telegram.lastMessage(sam.id)?.text).toBe('/stop');
    expect(textOf(await stage.ask(sam.id, sam.id, '/start'))).toContain('Your id is 141');
    expect(await stage.db.sql('select 1 from public.tasks')).toEqual([]);
  });

  test('a stranger who pressed Start has had that one answer', async () => {
    expect(textOf(await stage.ask(max.id, max.id, '/start'))).toContain('Your id is ');
    stage.telegram.say(max.id, max.id, 'hello?');
    await stage.settle();
    expect(stage.telegram.lastMessage(max.id)?.text).toBe('hello?');
    expect(textOf(await stage.ask(max.id, max.id, '/start'))).toContain('Your id is ');
  });

  test('a reviewer is told why not, and has a menu of their own', async () => {
    expect(textOf(await stage.ask(rita.id, rita.id, '/task do it'))).toBe(
      'You may not use /task: it takes the role owner or operator, and you are a reviewer. An owner gives roles.',
    );
    const names = stage.telegram.menu(rita.id, rita.id).map(({ command }) => command);
    expect(names).toEqual(['tasks', 'status', 'limits', 'why', 'rules', 'policy', 'cancel', 'stop', 'audit', 'help', 'start']);
  });

  test('/help shows the commands of the role, with examples', async () => {
    const help = textOf(await stage.ask(rita.id, rita.id, '/help'));
    expect(help).toContain('/stop all wrong prices');
    expect(help).not.toContain('/approve');
    expect(textOf(await stage.ask(olivia.id, olivia.id, '/help'))).toContain('/approve T2-7F3K no');
  });

  test('a slip of the finger gets the nearest command, other words a hint', async () => {
    expect(textOf(await stage.ask(adam.id, adam.id, '/statsu'))).toContain('Did you mean /status?');
    expect(textOf(await stage.ask(adam.id, adam.id, '/xyzzyxyzzy'))).toBe('I do not know /xyzzyxyzzy. /help lists what you may use.');
    expect(textOf(await stage.ask(adam.id, adam.id, 'make a summary'))).toContain('write /task and then the goal');
  });
});

describe('what gives no command', () => {
  test.each([
    ['an anonymous admin', { asAnonymousAdmin: true }, 'you write as the group'],
    ['a channel', { asChannel: CHATS.signals.id }, 'you write as a channel'],
    ['another bot on the way', { viaBot: 'some_bot' }, 'by way of another bot'],
  ])('%s is told so', async (_, options, words) => {
    expect(textOf(await stage.ask(olivia.id, CHATS.admin.id, '/stop now', options))).toContain(words);
    const [row] = await stage.db.sql('select stopped_at from public.stop_switch');
    expect(row?.stopped_at).toBeNull();
  });

  test('a forwarded command', async () => {
    const said = stage.telegram.say(adam.id, adam.id, '/xyzzyxyzzy');
    await stage.settle();
    const answer = await stage.ask(adam.id, adam.id, '', { forwardFrom: { chatId: adam.id, messageId: said.message_id } });
    expect(textOf(answer)).toContain('forwarded message');
  });

  test('edits, other bots, lookalike letters, words inside a text, and talk in a group', async () => {
    const group = CHATS.admin.id;
    const talk = stage.telegram.say(adam.id, group, 'shall we stop?');
    stage.telegram.edit(adam.id, group, talk.message_id, '/stop');
    for (const text of ['/stop@OtherBot', '/ѕtop', 'please /stop', '/unknown_to_us', 'x/stop']) stage.telegram.say(adam.id, group, text);
    await stage.settle();
    // Only the lookalike is answered: whoever wrote it believes to have stopped something.
    const answers = stage.telegram.history(group).filter(({ from, message_id }) => from?.is_bot && message_id > talk.message_id);
    expect(answers.map(({ reply_to_message: asked }) => asked?.text)).toEqual(['/ѕtop']);
    const [row] = await stage.db.sql('select generation from public.stop_switch');
    expect(Number(row?.generation)).toBe(1);
  });

  test('a malformed update is set aside and holds nothing up', async () => {
    const updateId = stage.telegram.injectUpdate({ message: { text: 'no chat, no date\u0000' } } as never);
    expect(textOf(await stage.ask(adam.id, adam.id, '/tasks'))).toContain('no tasks');
    await stage.settle();
    const [row] = await stage.db.sql('select status, error from public.inbox where external_id = $1', [String(updateId)]);
    expect(row).toEqual({ status: 'rejected', error: 'malformed' });
  });
});

describe('stale and many', () => {
  test('an /approve from before an outage is not taken, a /stop is', async () => {
    const date = Math.floor(Date.now() / 1000) - 16 * 60;
    const inject = (text: string, length: number) =>
      stage.telegram.injectUpdate({
        message: {
          message_id: 9_000 + length,
          date,
          chat: { id: adam.id, type: 'private', first_name: 'Adam' },
          from: { id: adam.id, is_bot: false, first_name: 'Adam' },
          text,
          entities: [{ type: 'bot_command', offset: 0, length }],
        },
      } as never);
    inject('/approve T2-7F3K yes', 8);
    await stage.telegram.waitForMessage(adam.id, 'older than 15 minutes');
    inject('/stop', 5);
    await stage.telegram.waitForMessage(adam.id, 'STOPPED');
  });

  test('a flood is told once, and then dropped, while /stop still works', async () => {
    for (let count = 0; count < 30; count += 1) stage.telegram.say(bella.id, bella.id, '/start');
    stage.telegram.say(bella.id, bella.id, '/stop again');
    await stage.telegram.waitForMessage(bella.id, 'STOPPED');
    await stage.settle();
    const answers = stage.telegram.history(bella.id).filter(({ from }) => from?.id !== bella.id);
    expect(answers.filter(({ text }) => text?.startsWith('Hello'))).toHaveLength(20);
    expect(answers.filter(({ text }) => text?.includes('a lot at once'))).toHaveLength(1);
  });
});
