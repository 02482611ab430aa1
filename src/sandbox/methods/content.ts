import type { Change, StoredFile } from '../changes.ts';
import { keepFile, toDocument, toPhoto } from '../files.ts';
import { findUser } from '../people.ts';
import { refuse } from '../refusal.ts';
import type { Upload } from '../telegram.ts';
import { type FormattedText, formatText, MAX_CAPTION_LENGTH, MAX_TEXT_LENGTH } from '../text/format.ts';
import type { Message } from '../wire.ts';
import type { CallContext } from './context.ts';

/**
 * The sandbox refuses parse modes: whoever builds entities cannot be broken by a stray `<` or `_`, and this is how the program is
 * meant to write.
 */
function checkParseMode({ params }: CallContext): void {
  const mode = params.text('parse_mode').toLowerCase();
  if (mode === '' || mode === 'none') return;
  if (['html', 'markdown', 'markdownv2'].includes(mode)) refuse('parse_mode is unsupported in the sandbox; send entities');
  refuse('unsupported parse_mode');
}

function entitiesParameter({ params }: CallContext, name: string): unknown {
  const json = params.json(name);
  return json === undefined || json === 'invalid' ? [] : json.value;
}

/** Reads `text` and `entities`: 1–4096 UTF-16 units after cleaning. */
export function readText(context: CallContext): Pick<Message, 'text' | 'entities' | 'link_preview_options'> {
  const raw = context.params.text('text');
  if (raw === '') refuse('message text is empty');
  checkParseMode(context);
  const { text, entities } = formatText(raw, entitiesParameter(context, 'entities'), { findUser });
  if (text === '') refuse('text must be non-empty');
  if (text.length > MAX_TEXT_LENGTH) refuse('message is too long');
  const preview = context.params.json('link_preview_options');
  if (preview === 'invalid') refuse("can't parse link preview options JSON object");
  const options =
    preview && typeof preview.value === 'object' && preview.value !== null ? { link_preview_options: { ...preview.value } } : {};
  return { text, ...(entities.length > 0 ? { entities } : {}), ...options };
}

/** Reads `caption` and `caption_entities`: up to 1024 UTF-16 units; empty when there is none. */
export function readCaption(context: CallContext): Pick<Message, 'caption' | 'caption_entities'> {
  checkParseMode(context);
  return toCaption(formatText(context.params.text('caption'), entitiesParameter(context, 'caption_entities'), { findUser }));
}

export function toCaption({ text, entities }: FormattedText): Pick<Message, 'caption' | 'caption_entities'> {
  if (text.length > MAX_CAPTION_LENGTH) refuse('message caption is too long');
  if (text === '') return {};
  return { caption: text, ...(entities.length > 0 ? { caption_entities: entities } : {}) };
}

/** Reads the photo or document of a call: an upload, or the id of a file the bot knows. */
export function readFile(
  context: CallContext,
  kind: StoredFile['kind'],
): { media: Pick<Message, 'photo' | 'document'>; changes: Change[] } {
  const { hub, params } = context;
  const upload = findUpload(context, kind);
  if (upload) {
    const { file, changes } = keepFile(hub, kind, upload);
    return { media: toMedia(file), changes };
  }
  const reference = params.text(kind);
  if (reference === '') refuse(`there is no ${kind} in the request`);
  if (/^https?:/i.test(reference)) refuse('failed to get HTTP URL content');
  const file = hub.state.files.get(reference) ?? refuse('wrong file identifier/HTTP URL specified');
  if (file.kind !== kind)
    refuse(`can't use file of type ${file.kind === 'photo' ? 'Photo' : 'Document'} as ${kind === 'photo' ? 'Photo' : 'Document'}`);
  return { media: toMedia(file), changes: [] };
}

export const toMedia = (file: StoredFile): Pick<Message, 'photo' | 'document'> =>
  file.kind === 'photo' ? { photo: toPhoto(file) } : { document: toDocument(file) };

function findUpload({ params }: CallContext, kind: string): Upload | undefined {
  const reference = params.text(kind);
  return reference.startsWith('attach://') ? params.uploads.get(reference.slice('attach://'.length)) : params.uploads.get(kind);
}
