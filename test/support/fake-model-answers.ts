/**
 * What the fake model answers when nothing is scripted: values that fit the JSON schema in the request, with text made of the
 * request itself, so that one can see in a chat what belongs to what.
 */
export interface AnswerRequest {
  schemaName: string;
  schema: unknown;
  messages: { role: string; content: string }[];
  /** Counts the requests of this schema, from 1. */
  nth: number;
  plan: PlanNodeLike[] | null;
}

export interface PlanNodeLike {
  id: string;
  agent: string;
  action: string;
  after: string[];
  instruction: string;
}

interface Schema {
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  minimum?: number;
  minItems?: number;
}

export function makeDefaultAnswer(request: AnswerRequest): unknown {
  // JSON Schema of a program under test; what is missing in it shows as a value that does not fit.
  const schema = request.schema as Schema;
  if (request.schemaName === 'plan') return { nodes: request.plan ?? makePlan(schema), summary: `Plan for: ${findGoal(request)}` };
  if (request.schemaName === 'critique') return PERFECT;
  return generate(schema, { request, field: request.schemaName });
}

const PERFECT = { policy_compliance: 1, evidence_cited: 2, factuality: 3, clarity: 2, risk_flags: 1, red_flags: [], comments: '' };

/** retrieve → research → act, with whatever agents and actions the schema allows. */
function makePlan(schema: Schema): PlanNodeLike[] {
  const node = schema.properties?.nodes?.items?.properties ?? {};
  const agent = (...wanted: string[]): string => pick(node.agent, wanted);
  const action = (...wanted: string[]): string => pick(node.action, wanted);
  return [
    { id: 'retrieve', agent: agent('retriever'), action: action('RETRIEVE', 'READ'), after: [], instruction: 'Collect what is known.' },
    {
      id: 'research',
      agent: agent('researcher'),
      action: action('RESEARCH', 'READ'),
      after: ['retrieve'],
      instruction: 'Write down what matters.',
    },
    {
      id: 'act',
      agent: agent('exec', 'communicator'),
      action: action('DRAFT_REPLY', 'SUMMARIZE'),
      after: ['research'],
      instruction: 'Answer the goal.',
    },
  ];
}

function pick(schema: Schema | undefined, wanted: string[]): string {
  const allowed = (schema?.enum ?? []).map(String);
  return wanted.find((name) => allowed.includes(name)) ?? allowed[0] ?? wanted[0] ?? '';
}

interface Place {
  request: AnswerRequest;
  field: string;
}

function generate(schema: Schema, place: Place): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return generate(schema.anyOf.find((branch) => branch.type !== 'null') ?? {}, place);
  const type = Array.isArray(schema.type) ? schema.type.find((name) => name !== 'null') : schema.type;
  if (type === 'object') {
    const entries = Object.entries(schema.properties ?? {});
    return Object.fromEntries(entries.map(([field, value]) => [field, generate(value, { ...place, field })]));
  }
  if (type === 'array')
    return Array.from({ length: schema.minItems ?? findLimit(schema, 'at least') ?? 0 }, () => generate(schema.items ?? {}, place));
  if (type === 'integer' || type === 'number') return schema.minimum ?? findLimit(schema, 'at least') ?? 1;
  if (type === 'boolean') return true;
  return type === 'null' ? null : makeText(schema, place);
}

function makeText(schema: Schema, { request, field }: Place): string {
  const revision = request.messages.some((message) => message.content.includes('previous-text')) ? ` Revision ${request.nth}.` : '';
  const text = `The ${field} on “${findGoal(request)}”.${revision} It follows from what was given and adds nothing to it.`;
  const padded = text.padEnd(findLimit(schema, 'at least') ?? 0, '.');
  return padded.slice(0, findLimit(schema, 'at most') ?? padded.length);
}

/** Limits come in words where a server need not know the keyword: `at most 300 characters`. */
function findLimit(schema: Schema, words: 'at least' | 'at most'): number | undefined {
  const match = new RegExp(`${words} (-?\\d+)`).exec(schema.description ?? '');
  return match ? Number(match[1]) : undefined;
}

/** The quoted block of kind "goal", else the first line of the first user message. */
function findGoal({ messages }: AnswerRequest): string {
  const text = messages.find((message) => message.role === 'user')?.content ?? '';
  const quoted = /<[^>]*"goal"[^>]*>\s*([\s\S]*?)\s*<\//.exec(text)?.[1];
  const line = (quoted ?? text).split('\n').find((candidate) => candidate.trim() !== '') ?? 'nothing';
  return line.trim().slice(0, 160);
}
