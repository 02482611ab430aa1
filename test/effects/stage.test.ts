import { expect, test } from 'vitest';
import { type Post, toPostChecksum, toPostJson } from '../../src/domain/post.ts';
import type { Messenger, SendResult } from '../../src/effects/messenger.ts';
import { stagePost } from '../../src/effects/stage.ts';
import type { RequestView } from '../../src/store/approvals.ts';
import type { Rpc } from '../../src/store/rpc.ts';

const TEXT = 'We open at 9.';
const BOLD = { type: 'bold' as const, offset: 0, length: 2 };
const POST: Post = { target: { chat_id: -3, topic_id: null }, parts: [{ kind: 'text', text: TEXT, entities: [BOLD] }] };
const ADMIN = { chatId: -1, topicId: null };

type Shown = Extract<SendResult, { outcome: 'sent' }>['shown'];

/** Stages the post with a messenger that says it shows this. */
async function stage(shown: Shown) {
  const recorded: string[] = [];
  const rpc: Rpc = {
    role: 'ags_worker',
    async call(name) {
      recorded.push(name);
      // Nobody reads the answer of what is only written down.
      return undefined as never;
    },
  };
  const messenger: Pick<Messenger, 'sendPart'> = {
    sendPart: async (_part, _media, { chatId, topicId }) => ({ outcome: 'sent', message: { chatId, topicId, messageId: 7 }, shown }),
  };
  const post = { content: toPostJson(POST), checksum: toPostChecksum(POST), storageRef: 'supa://tasks/T/post.json' };
  const artifacts = { loadText: async () => post.content };
  const request = { requestId: 'r', post, staged: [] };
  // Of all these parts staging uses what is given here.
  const deps = { rpc, artifacts, messenger, adminChat: ADMIN, worker: 'w' } as unknown as Parameters<typeof stagePost>[0];
  const { problem } = await stagePost(deps, request as unknown as RequestView, new AbortController().signal);
  return { problem, recorded };
}

test('what Telegram shows as it was judged counts as shown', async () => {
  expect(await stage({ text: TEXT, entities: [BOLD] })).toEqual({ problem: null, recorded: ['record_staged_part'] });
});

test.each<[what: string, shown: Shown, words: string]>([
  ['another text than was judged', { text: `${TEXT} Or at 10.`, entities: [BOLD] }, 'the text'],
  ['another formatting than was judged', { text: TEXT, entities: [] }, 'the formatting'],
  [
    'a link where there was none',
    { text: TEXT, entities: [{ type: 'text_link', offset: 0, length: 2, url: 'https://evil.example' }] },
    'the formatting',
  ],
  ['nothing that Telegram tells of', null, 'did not say what it shows'],
])('%s is a problem, and no part counts as shown', async (_what, shown, words) => {
  const { problem, recorded } = await stage(shown);
  expect(problem).toContain(words);
  expect(recorded).toEqual([]);
});
