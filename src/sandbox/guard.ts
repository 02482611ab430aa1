import type { HttpBindings } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { createMiddleware } from 'hono/factory';

export interface NodeEnv {
  Bindings: HttpBindings;
}

const isLoopbackAddress = (address: string): boolean => address === '::1' || /^(?:::ffff:)?127\./.test(address);
const isLoopbackHost = (host: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host);

/**
 * Keeps the sandbox on this machine: the peer must be loopback, and so must the Host header (a page that points its own name at
 * 127.0.0.1 keeps its name there) and the Origin header, if there is one (a foreign page that posts here says where it comes from).
 */
export const loopbackOnly = createMiddleware<NodeEnv>(async (context, next) => {
  const refused = context.text('The sandbox answers on this machine only.\n', 403);
  // Without a socket nobody knows who asks: app.request() in a test must not open what the network cannot.
  const address = context.env?.incoming ? getConnInfo(context).remote.address : undefined;
  const host = context.req.header('host') ?? '';
  const origin = context.req.header('origin');
  if (!address || !isLoopbackAddress(address) || !isLoopbackHost(host)) return refused;
  if (origin !== undefined && origin !== `http://${host}`) return refused;
  // A picture on a foreign page asks without an Origin; only the page itself may be opened from elsewhere.
  if (context.req.header('sec-fetch-site') === 'cross-site' && context.req.path !== '/sandbox') return refused;
  return next();
});

/** For what changes something: only the page itself, and only as JSON, which no foreign form can send. */
export const samePageOnly = createMiddleware<NodeEnv>(async (context, next) => {
  if (context.req.method === 'GET' || context.req.method === 'HEAD') return next();
  const isJson = /^application\/json(?:;|$)/i.test(context.req.header('content-type') ?? '');
  const site = context.req.header('sec-fetch-site');
  const isOwn = context.req.header('origin') === `http://${context.req.header('host')}` && (site === undefined || site === 'same-origin');
  if (!isJson || !isOwn) return context.json({ error: 'Only the sandbox page may do this.' }, 403);
  return next();
});
