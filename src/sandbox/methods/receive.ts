import { loadFileBytes, MAX_DOWNLOAD_BYTES } from '../files.ts';
import { refuse } from '../refusal.ts';
import type { CallContext, Method } from './context.ts';

const MAX_SECRET_LENGTH = 256;
const DEFAULT_MAX_CONNECTIONS = 40;

export const getUpdates: Method = async (context) => {
  const { hub, params, poller, signal } = context;
  if (hub.state.webhook) refuse("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", 409);
  rememberAllowedUpdates(context);
  return poller.poll({
    offset: params.integer('offset') ?? 0,
    limit: params.integer('limit') ?? 100,
    timeoutSeconds: params.integer('timeout') ?? 0,
    signal,
  });
};

/** The list stays in force until another one comes; an absent one changes nothing. */
function rememberAllowedUpdates({ hub, params }: CallContext): void {
  const json = params.json('allowed_updates');
  if (json === undefined || json === 'invalid' || !Array.isArray(json.value)) return;
  const kinds = json.value.map(String);
  if (kinds.join() !== hub.state.allowedUpdates.join()) hub.commit([{ type: 'allowed_updates', kinds }]);
}

/** As Telegram's, but `http` is accepted for this machine, where there is no certificate to have. */
export const setWebhook: Method = (context) => {
  const { hub, params, poller } = context;
  const url = params.text('url');
  if (url === '') return deleteWebhook(context);
  checkWebhookUrl(url);
  const secretToken = params.text('secret_token');
  if (secretToken.length > MAX_SECRET_LENGTH) refuse('secret token is too long');
  if (!/^[A-Za-z0-9_-]*$/.test(secretToken)) refuse('secret token contains unallowed characters');
  rememberAllowedUpdates(context);
  dropPending(context);
  poller.interrupt('terminated by setWebhook request');
  const maxConnections = Math.min(Math.max(params.integer('max_connections') ?? DEFAULT_MAX_CONNECTIONS, 1), 100);
  hub.commit([{ type: 'webhook', webhook: { url, secretToken, maxConnections } }]);
  return true;
};

function checkWebhookUrl(url: string): void {
  if (!URL.canParse(url)) refuse('invalid webhook URL specified');
  const { protocol, hostname } = new URL(url);
  const isLoopback = ['localhost', '[::1]'].includes(hostname) || /^127\./.test(hostname);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback)) refuse('bad webhook: An HTTPS URL must be provided for webhook');
}

export const deleteWebhook: Method = (context) => {
  dropPending(context);
  if (context.hub.state.webhook) context.hub.commit([{ type: 'webhook', webhook: null }]);
  return true;
};

function dropPending({ hub, params }: CallContext): void {
  if (params.flag('drop_pending_updates') && hub.state.queue.length > 0) {
    hub.commit([{ type: 'updates_acknowledged', beforeId: hub.state.lastUpdateId + 1 }]);
  }
}

export const getWebhookInfo: Method = ({ hub }) => {
  const { webhook, queue, allowedUpdates } = hub.state;
  return {
    url: webhook?.url ?? '',
    has_custom_certificate: false,
    pending_update_count: queue.length,
    ...(webhook ? { max_connections: webhook.maxConnections } : {}),
    ...(webhook?.lastErrorAt ? { last_error_date: webhook.lastErrorAt, last_error_message: webhook.lastError } : {}),
    ...(allowedUpdates.length > 0 ? { allowed_updates: allowedUpdates } : {}),
  };
};

export const getFile: Method = ({ hub, params }) => {
  const fileId = params.text('file_id');
  if (fileId === '') refuse('file_id not specified');
  const file = hub.state.files.get(fileId) ?? refuse('invalid file_id');
  if (file.size > MAX_DOWNLOAD_BYTES) refuse('file is too big');
  loadFileBytes(hub, file);
  return { file_id: file.fileId, file_unique_id: file.fileUniqueId, file_size: file.size, file_path: file.filePath };
};
