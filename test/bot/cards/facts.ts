import { makeLocalTime } from '../../../src/bot/local-time.ts';
import type { CardFacts } from '../../../src/bot/views/card-state.ts';
import type { Post } from '../../../src/domain/post.ts';
import type { RequestView } from '../../../src/store/approvals.ts';
import type { EffectView, StopState } from '../../../src/store/shared-rows.ts';

export const NOW = new Date('2026-11-22T14:00:00.000Z');
export const TOKEN = 'abcdefghijklmnopqrstuv';
const ADMIN_ID = -1001000000001;
const SIGNALS_ID = -1001000000003;
const CHECKSUM = `1a2b3c4d${'0'.repeat(56)}`;

export const RUNNING: StopState = {
  generation: 1,
  isStopped: false,
  scope: null,
  stoppedAt: null,
  stoppedBy: null,
  reason: null,
  resumeAskedBy: null,
  resumeAskedAt: null,
};
export const STOPPED: StopState = {
  ...RUNNING,
  generation: 2,
  isStopped: true,
  scope: 'effects',
  stoppedAt: '2026-11-22T13:50:00.000Z',
  stoppedBy: 'Rita',
};

export function makePost(...texts: string[]): Post {
  return { target: { chat_id: SIGNALS_ID, topic_id: null }, parts: texts.map((text) => ({ kind: 'text', text, entities: [] })) };
}

const makeArtifactRow = (type: string, content: string): RequestView['post'] => ({
  artifactId: 'a1',
  stepId: 'T-2026-11-22-0001/critic',
  type,
  storageRef: 'supa://tasks/T-2026-11-22-0001/post.json',
  checksum: CHECKSUM,
  contentType: 'application/json',
  sizeBytes: content.length,
  content,
  madeBy: 'agent:critic:guard-v4',
  createdAt: NOW.toISOString(),
});

const met = (requirement: string, detail: string, isMet = true) => ({ requirement, isMet, detail, isByPeople: false });
const approval = (role: string) => ({ requirement: `${role}_approval`, isMet: false, detail: `${role}: waiting`, isByPeople: true });

export const T2_ITEMS = [
  met('critic_pass', '8 of 9 points, 7 needed'),
  met('critic>=0.8', 'critic 0.89, 0.8 needed'),
  approval('operator'),
  met('staged_copy', 'shown in full'),
];

/** A T2 request as it waits for an operator, with everything in order. */
export function makeRequest(changes: Partial<RequestView> = {}): RequestView {
  return {
    requestId: 'r1',
    reference: 'T2-7F3K',
    taskId: 'T-2026-11-22-0001',
    stepId: 'T-2026-11-22-0001/approve',
    version: 1,
    tier: 'T2',
    action: 'PUBLISH',
    status: 'pending',
    slots: ['operator'],
    targetChatId: SIGNALS_ID,
    targetTopicId: null,
    policyVersion: 3,
    artifactChecksum: CHECKSUM,
    stagingProblem: null,
    createdAt: '2026-11-22T13:00:00.000Z',
    shownAt: '2026-11-22T13:55:00.000Z',
    expiresAt: '2026-11-23T13:55:00.000Z',
    decidedAt: null,
    voidReason: null,
    goal: 'Tell the channel about gold',
    taskStatus: 'awaiting_approval',
    isRehearsal: false,
    requester: 'Adam',
    actor: 'tg:111',
    taskChatId: 111,
    taskTopicId: null,
    taskMessageId: 5,
    post: makeArtifactRow('post', '{}'),
    dryRun: null,
    critic: {
      points: 8,
      score: 0.8889,
      hasVeto: false,
      passed: true,
      passPoints: 7,
      postChecksum: CHECKSUM,
      partCount: 1,
      injection: [],
      critique: {
        policy_compliance: 1,
        evidence_cited: 2,
        factuality: 3,
        clarity: 1,
        risk_flags: 1,
        red_flags: [],
        comments: 'Name the source.',
      },
    },
    verdict: { isMet: false, items: T2_ITEMS },
    isEditedByPerson: false,
    decisions: [],
    staged: [{ part: 1, chatId: ADMIN_ID, topicId: null, messageId: 70 }],
    previous: null,
    replacedBy: null,
    stop: RUNNING,
    ...changes,
  };
}

export function makeFacts(request: Partial<RequestView> = {}, changes: Partial<CardFacts> = {}): CardFacts {
  return {
    request: makeRequest(request),
    post: makePost('Gold holds above 2,400.'),
    previous: null,
    draft: null,
    dryRun: null,
    effect: null,
    copies: { messages: [{ chatId: ADMIN_ID, topicId: null, messageId: 70 }], place: 'above' },
    target: { title: 'AGS Signals', url: null },
    now: NOW,
    time: makeLocalTime('UTC'),
    ...changes,
  };
}

export function makeEffect(changes: Partial<EffectView> = {}): EffectView {
  return {
    effectId: 'e1',
    taskId: 'T-2026-11-22-0001',
    stepId: 'T-2026-11-22-0001/publish',
    kind: 'post',
    tier: 'T2',
    status: 'done',
    artifactChecksum: CHECKSUM,
    generation: 1,
    grantedAt: '2026-11-22T13:58:00.000Z',
    settledAt: '2026-11-22T13:59:00.000Z',
    partCount: 1,
    targetChatId: SIGNALS_ID,
    targetTopicId: null,
    outcomeNote: null,
    resendAskedBy: null,
    sentAgainBy: null,
    staged: [],
    attempts: [
      {
        attemptId: 't1',
        part: 1,
        attempt: 1,
        status: 'done',
        startedAt: '2026-11-22T13:58:00.000Z',
        settledAt: '2026-11-22T13:59:00.000Z',
        chatId: SIGNALS_ID,
        topicId: null,
        messageId: 9001,
        error: null,
      },
    ],
    ...changes,
  };
}
