import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { toAppError } from '../errors.ts';
import { editOwn, join, react, removeMessage, setBlocked, start } from './acts/change.ts';
import { press } from './acts/press.ts';
import { fail, say } from './acts/say.ts';
import { loadFileBytes } from './files.ts';
import { type NodeEnv, samePageOnly } from './guard.ts';
import type { Hub } from './hub.ts';
import { makeLivePages } from './page-live.ts';
import { listChats, toChatView } from './page-views.ts';
import { canSee } from './people.ts';
import { PERSONA_LIST, SANDBOX_BOT } from './world.ts';

/** The files of the page, by the name in the address. Nothing else is served. */
const ASSETS: Record<string, string> = {
  'app.js': 'text/javascript',
  'api.js': 'text/javascript',
  'dom.js': 'text/javascript',
  'rich-text.js': 'text/javascript',
  'message.js': 'text/javascript',
  'sidebar.js': 'text/javascript',
  'chat.js': 'text/javascript',
  'composer.js': 'text/javascript',
  'overlay.js': 'text/javascript',
  'base.css': 'text/css',
  'frame.css': 'text/css',
  'sidebar.css': 'text/css',
  'composer.css': 'text/css',
  'overlay.css': 'text/css',
  'message.css': 'text/css',
  'media.css': 'text/css',
  'rich-text.css': 'text/css',
  'keyboard.css': 'text/css',
  'icon.svg': 'image/svg+xml',
};
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};
/** How long the page waits for the bot's answer to a press before it stops showing progress. */
const PRESS_TIMEOUT_MS = 20_000;

const id = z.number().int();
const At = z.object({ persona: id, chatId: id, messageId: id });
const File = z.object({ name: z.string().max(200), mimeType: z.string().max(100), base64: z.string(), asPhoto: z.boolean() });
const Say = z.object({
  persona: id,
  chatId: id,
  text: z.string().max(40_000),
  replyTo: id.optional(),
  topicId: id.optional(),
  isAnonymous: z.boolean().optional(),
  file: File.optional(),
});

/** Every act of the page: what it needs, and the same functions that the handle calls. */
const ACTS = {
  say: act(Say, (hub, { persona, chatId, text, replyTo, topicId, isAnonymous, file }) => {
    const upload = file && {
      fileName: file.name,
      mimeType: file.mimeType || undefined,
      bytes: new Uint8Array(Buffer.from(file.base64, 'base64')),
    };
    const attached = file?.asPhoto ? { photo: upload } : { document: upload };
    say(hub, persona, chatId, text, { replyTo, topicId, asAnonymousAdmin: isAnonymous, ...attached });
  }),
  start: act(z.object({ persona: id }), (hub, { persona }) => void start(hub, persona)),
  edit: act(At.extend({ text: z.string() }), (hub, { persona, text, ...at }) => void editOwn(hub, persona, at, text)),
  remove: act(At, (hub, { persona, chatId, messageId }) => removeMessage(hub, persona, chatId, messageId)),
  react: act(At.extend({ emoji: z.string().max(16) }), (hub, { persona, emoji, ...at }) => react(hub, persona, at, emoji)),
  forward: act(At.extend({ toChatId: id }), (hub, { persona, toChatId, chatId, messageId }) => {
    say(hub, persona, toChatId, '', { forwardFrom: { chatId, messageId } });
  }),
  press: act(At.extend({ data: z.string() }), (hub, { persona, data, ...at }) =>
    press(hub, persona, at, data, { timeoutMs: PRESS_TIMEOUT_MS }),
  ),
  join: act(z.object({ persona: id, inviteLink: z.string() }), (hub, { persona, inviteLink }) => ({
    outcome: join(hub, persona, inviteLink),
  })),
  block: act(z.object({ persona: id, isBlocked: z.boolean() }), (hub, { persona, isBlocked }) => setBlocked(hub, persona, isBlocked)),
  read: act(At, (hub, { persona, chatId, messageId }) => markRead(hub, persona, chatId, messageId)),
};

function act<T extends z.ZodType>(schema: T, run: (hub: Hub, input: z.infer<T>) => unknown): (hub: Hub, input: unknown) => unknown {
  return (hub, input) => {
    const parsed = schema.safeParse(input);
    return parsed.success ? run(hub, parsed.data) : fail('input_invalid', z.prettifyError(parsed.error));
  };
}

function markRead(hub: Hub, userId: number, chatId: number, messageId: number): void {
  const before = hub.state.reads.get(`${userId}:${chatId}`) ?? 0;
  if (messageId > before && canSee(hub.state, chatId, userId)) hub.commit([{ type: 'read', userId, chatId, messageId }]);
}

export interface Page {
  app: Hono<NodeEnv>;
  close(): void;
}

/** The chat page, its JSON interface and its live stream. */
export function makePage(hub: Hub): Page {
  const app = new Hono<NodeEnv>();
  const live = makeLivePages(hub);
  app.use('*', async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) context.header(name, value);
  });
  app.use('/api/*', samePageOnly);
  app.get('/', (context) => context.html(readAsset('index.html').toString('utf8')));
  app.get('/assets/:name', (context) => {
    const type = ASSETS[context.req.param('name')];
    if (!type) return context.notFound();
    return context.body(new Uint8Array(readAsset(context.req.param('name'))), 200, { 'content-type': `${type}; charset=utf-8` });
  });
  app.get('/api/world', (context) => context.json({ bot: { ...SANDBOX_BOT, token: undefined }, personas: PERSONA_LIST }));
  app.get('/api/chats', (context) => context.json(listChats(hub.state, personaOf(context))));
  app.get('/api/chats/:chatId', (context) => {
    const view = toChatView(hub.state, Number(context.req.param('chatId')), personaOf(context));
    return view ? context.json(view) : context.json({ error: 'This person does not see that chat.' }, 404);
  });
  app.get('/api/files/:fileId', (context) => serveFile(hub, context));
  app.get('/api/events', (context) => live.open(context, personaOf(context)));
  for (const [name, run] of Object.entries(ACTS)) {
    app.post(`/api/${name}`, async (context) => {
      try {
        const input: unknown = await context.req.json();
        return context.json({ ok: true, result: (await run(hub, input)) ?? null });
      } catch (thrown) {
        const { message, code } = toAppError(thrown, 'input_invalid');
        return context.json({ error: message, code }, code === 'not_found' ? 404 : code === 'not_allowed' ? 403 : 400);
      }
    });
  }
  return { app, close: live.close };
}

const personaOf = (context: Context<NodeEnv>): number => Number(context.req.query('persona'));

function readAsset(name: string): Buffer {
  return readFileSync(fileURLToPath(new URL(`page/${name}`, import.meta.url)));
}

/** Pictures are shown; everything else is only ever downloaded, whatever it claims to be. */
function serveFile(hub: Hub, context: Context<NodeEnv>): Response {
  const file = hub.state.files.get(context.req.param('fileId') ?? '');
  if (!file) return context.json({ error: 'There is no such file.' }, 404);
  const isPicture = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'].includes(file.mimeType);
  const disposition = context.req.query('download') !== undefined || !isPicture ? 'attachment' : 'inline';
  return new Response(new Uint8Array(loadFileBytes(hub, file)), {
    headers: {
      'content-type': isPicture ? file.mimeType : 'application/octet-stream',
      'content-disposition': `${disposition}; filename*=UTF-8''${encodeURIComponent(file.fileName)}`,
    },
  });
}
