/** Talks to the sandbox on this machine; throws an Error whose message can be shown. */
async function call(path, options) {
  const response = await fetch(`/sandbox/api/${path}`, options);
  const body = await response.json().catch(() => ({ error: `The sandbox answered ${response.status}.` }));
  if (!response.ok) throw new Error(body.error);
  return body;
}

export const load = (path) => call(path);

export async function act(name, input) {
  const { result } = await call(name, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(input) });
  return result;
}

/**
 * Listens for changes as one person. The browser reconnects by itself; every (re)connection begins with `onReady`, which loads
 * everything afresh. Returns what ends it.
 */
export function listen(personaId, { onReady, onEvent, onLost }) {
  const source = new EventSource(`/sandbox/api/events?persona=${personaId}`);
  source.addEventListener('ready', onReady);
  source.addEventListener('error', onLost);
  for (const type of ['message', 'deleted', 'chats', 'chat', 'action']) {
    source.addEventListener(type, (event) => onEvent(JSON.parse(event.data)));
  }
  return () => source.close();
}

export async function toUpload(file, asPhoto) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  for (let start = 0; start < bytes.length; start += 0x8000) binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return { name: file.name, mimeType: file.type, base64: btoa(binary), asPhoto };
}
