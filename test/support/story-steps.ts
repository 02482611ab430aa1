import { randomUUID } from 'node:crypto';
import type { Critique } from '../../src/domain/critique.ts';
import { sha256 } from '../../src/domain/ids.ts';
import type { InjectionFinding } from '../../src/domain/injection.ts';
import type { MoneyOrder } from '../../src/domain/order.ts';
import type { PlanNode } from '../../src/domain/plan.ts';
import { toPostJson } from '../../src/domain/post.ts';
import { claimStep, completeCritique, completePlan, completeStep, type Work } from '../../src/store/steps.ts';
import { createTask } from '../../src/store/tasks.ts';
import { makeArtifact, PEOPLE, PLACES, type StoryDatabase } from './story-world.ts';

export const HOLDER = { worker: 'worker-1', leaseSeconds: 60 };

const work = (id: string, agent: string, action: string, after: string[] = []): PlanNode => ({
  id,
  agent,
  action,
  after,
  instruction: `do ${id}`,
});

/** T1: an answer to the requester. */
export const REPLY_PLAN: PlanNode[] = [work('retrieve', 'retriever', 'RETRIEVE'), work('act', 'exec', 'DRAFT_REPLY', ['retrieve'])];
/** T2 by the default policy: a post. */
export const PUBLISH_PLAN: PlanNode[] = [work('act', 'exec', 'DRAFT_REPLY'), work('publish', 'communicator', 'PUBLISH', ['act'])];
export const makeNode = work;

export const FULL_MARKS: Critique = {
  policy_compliance: 1,
  evidence_cited: 2,
  factuality: 3,
  clarity: 2,
  risk_flags: 1,
  red_flags: [],
  comments: 'nothing to add',
};

export interface TaskOptions {
  by?: number;
  goal?: string;
  key?: string;
  nodes?: PlanNode[];
  /** Messages that the post consists of. */
  parts?: number;
  critique?: Critique;
  /** What in the material gives orders to a model. */
  injection?: InjectionFinding[];
  /** What money the post moves. */
  order?: MoneyOrder;
  /** What can be carried out, and where. */
  plan?: PlanOptions;
}

export async function startTask(
  db: StoryDatabase,
  { by = PEOPLE.operator, goal = 'Tell the channel about gold', key = randomUUID() }: TaskOptions = {},
) {
  const { taskId } = await createTask(db.rpc('ags_bot'), {
    source: 'telegram',
    sourceKey: key,
    actor: `tg:${by}`,
    externalId: by,
    goal,
    input: makeArtifact('input.md', 'input', goal),
    chatId: by,
    topicId: null,
    requestMessageId: 1,
  });
  return taskId;
}

export async function claim(db: StoryDatabase, stepId: string): Promise<Work> {
  const claimed = await claimStep(db.rpc('ags_worker'), stepId, HOLDER);
  if (!claimed) throw new Error(`${stepId} cannot be claimed`);
  return claimed;
}

export const toHeld = ({ step }: Work) => ({ stepId: step.stepId, fence: step.fence });
const toCompletion = (held: Work) => ({ ...toHeld(held), inputHash: sha256(held.step.stepId), isRehearsal: false, holder: null });

export interface PlanOptions {
  executors?: string[];
  channels?: Record<string, { chat_id: number; topic_id: number | null }>;
}

/** Hands in a plan for a claimed plan step. */
export function handInPlan(db: StoryDatabase, held: Work, nodes: PlanNode[], options: PlanOptions = {}) {
  const { executors = ['PUBLISH', 'SOCIAL_POST'], channels = { post: { chat_id: PLACES.signals, topic_id: null } } } = options;
  const artifact = makeArtifact('plan.json', 'plan', JSON.stringify(nodes), 'application/json');
  return completePlan(db.rpc('ags_worker'), { ...toCompletion(held), nodes, summary: 'a plan', artifact, executors, channels });
}

export async function planTask(db: StoryDatabase, options: TaskOptions = {}): Promise<string> {
  const taskId = await startTask(db, options);
  await handInPlan(db, await claim(db, `${taskId}/plan`), options.nodes ?? PUBLISH_PLAN, options.plan);
  return taskId;
}

/** The post that a critic would judge: one message for each part, to where the effect goes. */
export function makePost(held: Work, { parts = 1, order }: TaskOptions = {}) {
  const draft = held.inputs.find(({ nodeId }) => nodeId === held.step.subjectNode);
  const target = { chat_id: held.delivery?.targetChatId ?? 0, topic_id: held.delivery?.targetTopicId ?? null };
  const texts = Array.from({ length: parts }, (_, index) => `${draft?.content ?? ''} (${index + 1})`);
  const post = toPostJson({ target, parts: texts.map((text) => ({ kind: 'text', text, entities: [] })), ...(order && { order }) });
  return makeArtifact('post.json', 'post', post, 'application/json');
}

export function handInCritique(db: StoryDatabase, held: Work, options: TaskOptions = {}) {
  const { critique = FULL_MARKS, injection = [], parts = 1 } = options;
  const artifact = makeArtifact('critique.json', 'critique', JSON.stringify(critique), 'application/json');
  return completeCritique(db.rpc('ags_worker'), {
    ...toCompletion(held),
    post: makePost(held, options),
    partCount: parts,
    critique,
    injection,
    artifact,
  });
}

export function finishWork(db: StoryDatabase, held: Work) {
  const { nodeId, attemptCount, kind } = held.step;
  const draft = makeArtifact(`${nodeId}.md`, 'draft', `The text of ${nodeId}, take ${attemptCount}.${held.step.comments.length}`);
  return completeStep(db.rpc('ags_worker'), { ...toCompletion(held), artifacts: kind === 'work' ? [draft] : [] });
}
