import { z } from 'zod';
import { InjectionFinding } from '../../domain/injection.ts';
import type { Explanation } from '../../store/tasks.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, fmt, lines, plural, type Rich } from '../view.ts';
import { listInjection } from './card-critic.ts';
import { inLine } from './quoted.ts';
import { nameTool, TASK_WORDS } from './task-words.ts';
import { toErrorWords, toGateWords, toRefusalWords } from './why-words.ts';

type Entry = Explanation['records'][number];
type Facts = Record<string, unknown>;

const MAX_TEXT = 200;

/** What the task is, and whether its record can be trusted. */
export function makeWhySummary({ taskId, status, tier, policyVersion, chain }: Explanation, title = 'Why'): Rich {
  const proof = chain.isIntact
    ? `Audit chain: ${plural(chain.records, 'record')}, each one checked against the one before it, intact.`
    : `⚠️ Audit chain broken: record ${chain.firstBadSeq ?? '?'} is not what was written. Tell an owner.`;
  return lines([fmt`${bold(`${title} ${taskId}`)} · ${TASK_WORDS[status]} · ${tier ?? 'no tier yet'} · policy ${policyVersion}`, proof]);
}

/** Each decision in the order it was taken: when, by whom, what, and the rule that made it. Plain text, for it may become a file. */
export function makeWhyText({ records, requests }: Explanation, { time, now }: { time: LocalTime; now: Date }): string {
  const decisions = records.map((entry) => `${entry.seq}. ${time.format(entry.ts, now)} ${nameActor(entry)} ${describeEntry(entry)}`);
  const rules = requests.flatMap((request) => ['', ...listRules(request)]);
  return [...decisions, ...rules].join('\n');
}

/** What a request needs, and what of it is met. Of a void one nothing is asked any more: why it is void stands among the decisions. */
function listRules({ reference, status, verdict }: Explanation['requests'][number]): string[] {
  if (status === 'void') return [`${reference} is void: it asks for nothing any more.`];
  const items = verdict.items.map(({ isMet, requirement, detail }) => `${isMet ? '✓' : '○'} ${requirement}: ${inLine(detail, MAX_TEXT)}`);
  return [`${reference} (${status}) ${status === 'pending' || status === 'staging' ? 'needs' : 'needed'}:`, ...items];
}

function nameActor({ actor, name }: Entry): string {
  if (name !== null) return inLine(name, 60);
  if (actor === 'system') return 'the rules';
  return actor.replace(/^agent:/, '');
}

/** One sentence for each kind of record. A kind that is not here is shown with its bare facts: nothing is left out. */
const SENTENCES: Record<string, (after: Facts, entry: Entry, before: Facts) => string> = {
  'task.create': (after) => `asked for it; policy ${text(after.policy_version)} applies to it from now on`,
  'task.end': (after) =>
    `ended it: ${[text(after.status), quoted(after.message) || toErrorWords(text(after.code))].filter(Boolean).join(', ')}`,
  'task.refuse': (after) => `was refused: ${toRefusalWords(text(after.code) || text(after.reason))}`,
  'plan.accept': (after) => `accepted the plan: tier ${text(after.tier)}, by the rule “${text(after.rule)}”: ${listSteps(after.steps)}`,
  'plan.refuse': (after) => `refused the plan at tier ${text(after.tier)}: ${list(after.reasons, '; ')}`,
  'step.complete': (after, { object }) =>
    `completed ${toNode(object)}${after.reference === undefined ? '' : ` (${text(after.reference)})`}`,
  'step.fail': (after, { object }) =>
    `could not complete ${toNode(object)}: ${toErrorWords(text(after.code))}${after.is_retryable === true ? ', to be tried again' : ''}`,
  'step.wait': (after, { object }) => `waits with ${toNode(object)} for ${nameTool(text(after.waits_for))}`,
  'retrieval.stale': (after, { object }) =>
    `took for ${toNode(object)} ${after.found_at === undefined ? 'no sources from earlier tasks' : `sources from the cache of ${text(after.found_at)} UTC`}: search ${STALE_REASONS[text(after.reason)] ?? 'did not answer'}`,
  'retrieval.redo': (_, { object }) => `had ${toNode(object)} done and the text judged again: its sources were stale`,
  'step.lose': (_, { object }) => `took ${toNode(object)} from a worker that did not come back`,
  'demands.raise': (after) =>
    `raised what is asked for ${text(after.tier)}, by the rule “${text(after.rule)}”: ${describeFound(after.found)}; required: ${list(after.requirements)}`,
  'critic.pass': (after) => `passed it with ${text(after.points)} of 9 points, ${text(after.pass_points)} needed`,
  'critic.fail': (after) => `did not pass it: ${describePoints(after)}`,
  'critic.return': (after) => `sent it back for revision ${text(after.revision)}: ${describePoints(after)}`,
  'approval.ask': (after, { object }) =>
    `asked people about ${object}, version ${text(after.version)}, checksum ${text(after.checksum).slice(0, 8)}; required: ${list(after.requirements)}`,
  'approval.show': (after, { object }) =>
    `showed ${object} in full${after.problem === undefined ? '' : `, with a problem: ${text(after.problem)}`}`,
  'approval.approve': (after, { object }) =>
    `approved ${object} as ${text(after.role)} (by ${text(after.source)}, checksum ${text(after.checksum).slice(0, 8)})`,
  'approval.reject': (after, { object }) => `rejected ${object}: ${quoted(after.reason)}`,
  'approval.refuse': (after, { object }) => `tried to decide on ${object}, which did not count: ${toRefusalWords(text(after.code))}`,
  'approval.void': (after, { object }, before) =>
    `made ${object} void: ${text(after.reason)}${Number(before.approvals) > 0 ? `; ${text(before.approvals)} approvals no longer count` : ''}`,
  'approval.edit': (_, { object }) => `replaced the text of ${object}; earlier decisions no longer count, the critic judges it again`,
  'approval.expire': (_, { object }) => `let ${object} expire: nobody decided in time`,
  'budget.refuse': (after) => `was refused a model call: ${text(after.budget)} is limited to ${text(after.limit)}`,
  'effect.grant': (after) =>
    `was granted the effect ${text(after.kind)} over the checksum ${text(after.checksum).slice(0, 8)}${after.break_glass === undefined ? '' : `, by the break-glass ${text(after.break_glass)}`}`,
  'glass.ask': (after, { object }) => `asked for the break-glass ${object} about ${text(after.reference)}: ${quoted(after.reason)}`,
  'glass.open': (after, { object }) =>
    `opened the break-glass ${object} for ${text(after.reference)}, checksum ${text(after.checksum).slice(0, 8)}: asked by ${text(after.opened_by)}, ${after.confirmed_by === undefined ? 'nobody objected' : `confirmed by ${text(after.confirmed_by)}`}, until ${text(after.expires_at)}`,
  'glass.use': (_, { object }) => `used the break-glass ${object}: it lets nothing else out`,
  'glass.expire': (_, { object }) => `let the break-glass ${object} run out`,
  'glass.void': (after, { object }) => `made the break-glass ${object} void: ${quoted(after.reason)}`,
  'glass.reject': (after, { object }) => `vetoed the break-glass ${object}: ${quoted(after.reason)}`,
  'glass.review': (after, { object }) => `reviewed the break-glass ${object}: ${quoted(after.review)}`,
  'glass.refuse': (after) => `was refused a break-glass: ${text(after.problem) || text(after.code)}`,
  'task.reopen': (after) => `took it up again: ${text(after.rule)}`,
  'effect.refuse': (after) =>
    after.code === undefined
      ? `was not allowed to send it: ${listGateReasons(after.reasons)}`
      : `answered whether it arrived, which did not count: ${toRefusalWords(text(after.code))}`,
  'effect.done': () => 'noted the effect as done',
  'effect.fail': (after) => `noted that the effect failed: ${quoted(after.note)}`,
  'effect.doubt': (after) => `noted that it is not known whether the effect happened: ${quoted(after.note)}`,
  'effect.late': (after) =>
    `settled the doubt by the answer, which came late: ${after.status === 'done' ? 'it had arrived' : 'it had not arrived whole, and is sent again'}`,
  'effect.answer': (after) => `answered the doubt with “${text(after.answer)}”`,
};

const STALE_REASONS: Record<string, string> = {
  too_slow: 'did not answer in time',
  left_alone: 'did not answer before, and was left alone',
};

function describeEntry(entry: Entry): string {
  const sentence = SENTENCES[entry.action];
  if (sentence !== undefined) return sentence(entry.after ?? {}, entry, entry.before ?? {});
  return `${entry.action} ${entry.object} ${inLine(JSON.stringify(entry.after ?? {}), MAX_TEXT)}`;
}

function describeFound(found: unknown): string {
  const read = z.array(InjectionFinding).safeParse(found);
  return read.success ? inLine(listInjection({ injection: read.data }).join('; '), MAX_TEXT) : text(JSON.stringify(found));
}

const listGateReasons = (reasons: unknown): string =>
  Array.isArray(reasons) ? reasons.map((reason) => toGateWords(text(reason))).join('; ') : '';

function describePoints(after: Facts): string {
  return `${text(after.points)} of 9 points, ${text(after.pass_points)} needed${after.has_veto === true ? ', and a red flag' : ''}`;
}

/** `publish:PUBLISH:T2` as `publish T2`: a node, what it does where its name does not say so, and its tier. */
function listSteps(steps: unknown): string {
  if (!Array.isArray(steps)) return '';
  return steps
    .map((step) => text(step).replace(/^(.*):(.*):(T\d)$/, (_, node, action, tier) => `${nameStep(node, action)} ${tier}`))
    .join(', ');
}

const nameStep = (node: string, action: string): string => (node.toUpperCase() === action ? node : `${node} (${action})`);
const toNode = (object: string): string => object.split('/').at(-1) ?? object;
const quoted = (value: unknown): string => (text(value) === '' ? '' : `“${text(value)}”`);
const list = (value: unknown, separator = ', '): string => (Array.isArray(value) ? value.map(text).join(separator) : '');

/** Records hold masked text by people and models: still data, on one line, and never long. */
function text(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? inLine(value, MAX_TEXT) : '';
}
