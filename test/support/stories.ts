import {
  claimRequest,
  type DecisionInput,
  type DecisionOutcome,
  decideApproval,
  type RequestView,
  recordShown,
  recordStagedPart,
} from '../../src/store/approvals.ts';
import { openCard, recordCard } from '../../src/store/cards.ts';
import { authorizeEffect, beginAttempt, type Grant, settleAttempt, settleEffect } from '../../src/store/effects.ts';
import type { Work } from '../../src/store/steps.ts';
import { findTask, type TaskView } from '../../src/store/tasks.ts';
import { openTestDatabase } from './database.ts';
import { claim, finishWork, HOLDER, handInCritique, handInPlan, PUBLISH_PLAN, planTask, type TaskOptions, toHeld } from './story-steps.ts';
import { makeArtifact, PEOPLE, PLACES, type PolicyOverrides, type StoryDatabase, seedPolicy, seedTeam } from './story-world.ts';

/** A story is told with one import: the single steps are in `story-steps.ts`, the people and the policy in `story-world.ts`. */
export * from './story-steps.ts';

export interface OpenStory extends StoryDatabase {
  close(): Promise<void>;
}

/** A database with the team and a policy in it. */
export async function openStory(overrides: PolicyOverrides = {}): Promise<OpenStory> {
  const database = await openTestDatabase();
  await seedTeam(database);
  await seedPolicy(database, overrides);
  return database;
}

async function listReady(db: StoryDatabase, taskId: string): Promise<string[]> {
  const rows = await db.sql(`select step_id from public.task_steps where task_id = $1 and status = 'ready' order by position`, [taskId]);
  return rows.map((row) => String(row.step_id));
}

/** Does whatever is ready until a step is wanted (it is then claimed and returned), or until nothing is ready any more (null). */
export async function runUntil(
  db: StoryDatabase,
  taskId: string,
  isWanted: (held: Work) => boolean,
  options: TaskOptions = {},
): Promise<Work | null> {
  for (let ready = await listReady(db, taskId); ready[0] !== undefined; ready = await listReady(db, taskId)) {
    const held = await claim(db, ready[0]);
    if (isWanted(held)) return held;
    await doStep(db, held, options);
  }
  return null;
}

async function doStep(db: StoryDatabase, held: Work, options: TaskOptions): Promise<void> {
  if (held.step.kind === 'plan') await handInPlan(db, held, options.nodes ?? PUBLISH_PLAN, options.plan);
  else if (held.step.kind === 'critic') await handInCritique(db, held, options);
  else if (held.step.kind === 'effect') await deliver(db, held);
  else await finishWork(db, held);
}

/** As `runUntil`, for a step of one kind that has to come. */
export async function runUntilKind(
  db: StoryDatabase,
  taskId: string,
  kind: Work['step']['kind'],
  options: TaskOptions = {},
): Promise<Work> {
  const held = await runUntil(db, taskId, ({ step }) => step.kind === kind, options);
  if (!held) throw new Error(`${taskId} has no ${kind} step that is ready`);
  return held;
}

export async function runToEnd(db: StoryDatabase, taskId: string, options: TaskOptions = {}): Promise<TaskView> {
  await runUntil(db, taskId, () => false, options);
  return loadTask(db, taskId);
}

export async function loadTask(db: StoryDatabase, taskId: string): Promise<TaskView> {
  const task = await findTask(db.rpc('ags_bot'), taskId);
  if (!task) throw new Error(`there is no task ${taskId}`);
  return task;
}

export interface Asked {
  taskId: string;
  request: RequestView;
  reference: string;
}

/** Runs a task until people are asked, and takes the request as the worker that shows it. */
export async function openRequest(db: StoryDatabase, taskId: string, options: TaskOptions = {}): Promise<RequestView> {
  await runUntil(db, taskId, ({ step }) => step.kind === 'effect', options);
  const [row] = await db.sql(`select request_id from public.approval_requests where task_id = $1 and status = 'staging'`, [taskId]);
  const request = await claimRequest(db.rpc('ags_worker'), String(row?.request_id), HOLDER);
  if (!request) throw new Error(`${taskId} asks nothing that could be shown`);
  return request;
}

export interface ShowOptions {
  problem?: string | null;
  hasDryRun?: boolean;
  /** How many parts the admin group gets to see; all of them unless told. */
  staged?: number;
}

/** Shows a claimed request in the admin group. */
export async function showStaged(db: StoryDatabase, request: RequestView, { problem = null, hasDryRun = true, staged }: ShowOptions = {}) {
  const worker = db.rpc('ags_worker');
  const at = { requestId: request.requestId, worker: HOLDER.worker };
  for (let part = 1; part <= (staged ?? request.critic.partCount); part += 1) {
    await recordStagedPart(worker, { ...at, part, chatId: PLACES.admin, topicId: null, messageId: request.version * 100 + part });
  }
  const dryRun = request.tier === 'T3' && hasDryRun ? makeArtifact('dry-run.md', 'dry_run', 'it would be sent as shown') : null;
  return recordShown(worker, { ...at, problem, dryRun });
}

/** A task whose post stands in the admin group and waits for people. */
export async function askTask(db: StoryDatabase, options: TaskOptions & ShowOptions = {}): Promise<Asked> {
  const taskId = await planTask(db, options);
  return ask(db, taskId, options);
}

export async function ask(db: StoryDatabase, taskId: string, options: TaskOptions & ShowOptions = {}): Promise<Asked> {
  const request = await showStaged(db, await openRequest(db, taskId, options), options);
  return { taskId, request, reference: request.reference };
}

export type Press = Partial<Omit<DecisionInput, 'pointer' | 'externalId'>>;

/** A decision by command. */
export function decide(db: StoryDatabase, reference: string, externalId: number, press: Press = {}): Promise<DecisionOutcome> {
  return decideApproval(db.rpc('ags_bot'), { pointer: { reference }, externalId, decision: 'approve', source: 'command', ...press });
}

export const approve = decide;
export function reject(db: StoryDatabase, reference: string, externalId: number, reason = 'not like this'): Promise<DecisionOutcome> {
  return decide(db, reference, externalId, { decision: 'reject', reason });
}

/** The card of a request as it stands in the admin group. */
export async function sendCard(db: StoryDatabase, { request }: Asked, messageId = 500) {
  const { card } = await openCard(db.rpc('ags_bot'), request.stepId, { chatId: PLACES.admin, topicId: null });
  await recordCard(db.rpc('ags_bot'), card.cardId, messageId);
  return { token: card.token, chatId: PLACES.admin, messageId };
}

/** A task that everybody needed has approved; its effect is ready to be claimed. */
export async function approveTask(db: StoryDatabase, options: TaskOptions = {}): Promise<Asked> {
  const asked = await askTask(db, options);
  if (asked.request.tier === 'T3') await approve(db, asked.reference, PEOPLE.secondOperator);
  const { outcome, code } = await approve(db, asked.reference, PEOPLE.owner);
  if (outcome !== 'approved') throw new Error(`${asked.reference} was not approved: ${outcome} ${code}`);
  return asked;
}

export type GrantOverrides = Partial<{
  checksum: string;
  target: { chatId: number; topicId: number | null };
  partCount: number;
  fence: number;
}>;

/** Asks the gate for what the claimed effect step would send. */
export function authorize(db: StoryDatabase, held: Work, overrides: GrantOverrides = {}): Promise<Grant> {
  const { post, step } = held;
  const parts: unknown = JSON.parse(post?.content ?? '{"parts":[]}').parts;
  return authorizeEffect(db.rpc('ags_worker'), {
    ...toHeld(held),
    checksum: post?.checksum ?? '',
    target: { chatId: step.targetChatId ?? 0, topicId: step.targetTopicId },
    partCount: Array.isArray(parts) ? parts.length : 0,
    ...overrides,
  });
}

export interface Granted {
  held: Work;
  effectId: string;
}

/** Claims the effect step of a task and passes the gate. */
export async function grant(db: StoryDatabase, taskId: string, options: TaskOptions = {}): Promise<Granted> {
  const held = await runUntilKind(db, taskId, 'effect', options);
  const { verdict, reasons, effect } = await authorize(db, held);
  if (!effect || verdict !== 'go') throw new Error(`the gate answered ${verdict}: ${reasons.join(', ')}`);
  return { held, effectId: effect.effectId };
}

/** Under which hold of its step an effect was granted. */
export async function loadFence(db: StoryDatabase, effectId: string): Promise<number> {
  const [row] = await db.sql('select fence from public.effects where effect_id = $1', [effectId]);
  return Number(row?.fence ?? 0);
}

/** Sends one part as whoever holds the grant; `end` says how it went. Without one the try stays open, as after a crash. */
export async function sendPart(db: StoryDatabase, effectId: string, part: number, end?: 'done' | 'refused' | 'void' | 'in_doubt') {
  const worker = db.rpc('ags_worker');
  const attempt = await beginAttempt(worker, { effectId, fence: await loadFence(db, effectId), part });
  if (!attempt.attemptId || !end) return attempt;
  const message = { outcome: 'done', chatId: PLACES.signals, topicId: null, messageId: 9000 + part } as const;
  await settleAttempt(worker, attempt.attemptId, end === 'done' ? message : { outcome: end, error: `it was ${end}` });
  return attempt;
}

export function settle(db: StoryDatabase, { held, effectId }: Granted, outcome: 'done' | 'again' | 'failed') {
  return settleEffect(db.rpc('ags_worker'), { ...toHeld(held), effectId, outcome, note: null, retryAfterMs: 0, holder: null });
}

async function deliver(db: StoryDatabase, held: Work): Promise<void> {
  const { effect } = await authorize(db, held);
  if (!effect) throw new Error(`${held.step.stepId} was not let out`);
  for (let part = 1; part <= effect.partCount; part += 1) await sendPart(db, effect.effectId, part, 'done');
  await settle(db, { held, effectId: effect.effectId }, 'done');
}

/** The rows that a refusal must leave as they are. */
export async function snapshot(db: StoryDatabase, taskId: string): Promise<unknown> {
  const [row] = await db.sql(
    `select (select jsonb_agg(to_jsonb(t) - 'show_requested_at') from public.tasks t where task_id = $1) as task,
       (select jsonb_agg(s order by s.position) from public.task_steps s where task_id = $1) as steps,
       (select jsonb_agg(r order by r.created_at, r.version) from public.approval_requests r where task_id = $1) as requests,
       (select jsonb_agg(a order by a.ts) from public.approvals a where task_id = $1) as approvals,
       (select jsonb_agg(e order by e.granted_at) from public.effects e where task_id = $1) as effects`,
    [taskId],
  );
  return row;
}
