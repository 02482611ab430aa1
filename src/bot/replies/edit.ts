import { composePost } from '../../agents/compose/compose-post.ts';
import { AppError } from '../../errors.ts';
import { editRequest, type RequestView, showRequest } from '../../store/approvals.ts';
import { closePrompt } from '../../store/prompts.ts';
import { showDecision } from '../presses/press.ts';
import { loadRefusalText } from '../refusals.ts';
import { loadFileText } from '../reply-file.ts';
import { type ReplyText, toReplyText } from '../reply-text.ts';
import { code, fmt } from '../view.ts';
import { describeEdited } from '../views/card.ts';
import { type Reply, type ReplyDeps, tell } from './reply.ts';

/** Takes the new text in place of the agent's. Gives the problem when it has to be asked again. */
export async function takeEdit(reply: Reply, deps: ReplyDeps): Promise<string | null> {
  const { prompt, person } = reply;
  const written = await readText(reply, deps);
  if ('problem' in written) return written.problem;
  const { request } = await showRequest(deps.rpc, { reference: prompt.reference }, person.externalId);
  const problem = request === null ? null : findProblem(written.markdown, request);
  if (problem !== null) return problem;
  // A change of the rules is rejected, never edited: no such question is ever opened.
  if (reply.prompt.taskId === null) return 'This has no text that could be edited.';
  await edit(reply, reply.prompt.taskId, written, deps);
  return null;
}

async function edit(reply: Reply, taskId: string, { markdown, isFormattingKept }: ReplyText, deps: ReplyDeps): Promise<void> {
  const { prompt, person, signal } = reply;
  const { rpc, cards, artifacts } = deps;
  const content = { taskId, name: 'edited.md', type: 'draft', contentType: 'text/markdown', bytes: markdown } as const;
  const artifact = await artifacts.prepare(content, signal);
  const outcome = await editRequest(rpc, { reference: prompt.reference, externalId: person.externalId, artifact });
  await closePrompt(rpc, prompt.promptId);
  const { request } = outcome;
  const lost = isFormattingKept ? '' : ' Some of the formatting could not be kept: look at the copy before you approve.';
  const next = request === null ? '' : ` ${describeEdited(request)}`;
  const taken = fmt`Taken. Every decision on ${code(prompt.reference)} is void; the critic reads your text now.${next}${lost}`;
  const word = outcome.code === null ? taken : await loadRefusalText(deps, outcome.code, { request });
  await showDecision(deps, {
    now: [tell(deps, reply, word), ...(request === null ? [] : [cards.draw(request.stepId, signal)])],
    nudges: outcome.deliver,
  });
}

/** A message is taken as it looks, a file as Markdown. */
async function readText({ message, signal }: Reply, { attachments }: ReplyDeps): Promise<ReplyText | { problem: string }> {
  if (message.document !== undefined) {
    const file = await loadFileText(message.document, attachments, signal);
    return 'problem' in file ? file : { markdown: file.text, isFormattingKept: true };
  }
  if (message.text === undefined) return { problem: 'That is neither a text nor a .txt or .md file.' };
  return toReplyText(message);
}

/** What could not be sent is said now, while the old version still stands, not after it is void. */
function findProblem(markdown: string, { targetChatId: chatId, targetTopicId: topicId }: RequestView): string | null {
  try {
    composePost({ markdown, target: { chatId, topicId } });
    return null;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'input_invalid') return `${thrown.message}.`;
    throw thrown;
  }
}
