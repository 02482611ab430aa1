import { makeAnchor } from '../../../src/store/anchors.ts';
import { editRequest } from '../../../src/store/approvals.ts';
import { reviewBreakGlass } from '../../../src/store/break-glass.ts';
import { recordCard } from '../../../src/store/cards.ts';
import { decideDoubt, openDoubtCard } from '../../../src/store/effects.ts';
import { recordUpdates } from '../../../src/store/inbox.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { openGlass } from '../../support/break-glass.ts';
import { applyChange, delegateRole, grantRole, linkAccounts, meet, revokeRoleOf } from '../../support/changes.ts';
import { moving, passChecklist, payment, tellAccount, trade } from '../../support/money.ts';
import {
  approve,
  approveTask,
  ask,
  askTask,
  grant,
  planTask,
  REPLY_PLAN,
  reject,
  runToEnd,
  sendPart,
  settle,
} from '../../support/stories.ts';
import { expireRequest } from '../../support/story-ends.ts';
import { changePolicy, makeArtifact, PEOPLE, PLACES, PUBLISH_IS_T3, type StoryDatabase } from '../../support/story-world.ts';

const { owner, secondOwner, operator, secondOperator, reviewer, stranger, member } = PEOPLE;

/** What happens in an ordinary week: every tier, every end, a stop, a doubt, people who come and go. */
export async function liveThroughAWeek(db: StoryDatabase): Promise<void> {
  await runToEnd(db, await planTask(db, { nodes: REPLY_PLAN }));
  await runToEnd(db, (await approveTask(db, { parts: 2 })).taskId, { parts: 2 });
  await changePolicy(db, PUBLISH_IS_T3);
  await approveByTwo(db, await askTask(db));
  await reject(db, (await askTask(db)).reference, owner);
  await editThenApprove(db);
  await changePeople(db);
  await stopWithAGrant(db);
  await sendAgain(db);
  await moveMoney(db);
  await askAgain(db);
  await breakGlass(db);
  await recordUpdates(db.rpc('ags_bot'), 'telegram', [{ externalId: '1', chatKey: 'chat', isUrgent: false, payload: {} }]);
  await makeAnchor(db.rpc('ags_worker'), 0);
}

async function approveByTwo(db: StoryDatabase, { taskId, reference }: { taskId: string; reference: string }): Promise<void> {
  await approve(db, reference, secondOperator);
  await approve(db, reference, owner);
  await runToEnd(db, taskId);
}

async function editThenApprove(db: StoryDatabase): Promise<void> {
  const { taskId, reference } = await askTask(db);
  await approve(db, reference, owner);
  await editRequest(db.rpc('ags_bot'), { reference, externalId: owner, artifact: makeArtifact('edited.md', 'draft', 'another text') });
  await approveByTwo(db, await ask(db, taskId));
}

async function changePeople(db: StoryDatabase): Promise<void> {
  await meet(db, stranger, 'Stefan');
  await meet(db, member, 'Mia');
  await applyChange(db, grantRole(member, 'operator'));
  await applyChange(db, delegateRole(owner, reviewer, 'owner'));
  await applyChange(db, linkAccounts(member, stranger));
  await applyChange(db, revokeRoleOf(member, 'operator'));
}

/** Granted, stopped before it left, given back, and let out again after the resume. */
async function stopWithAGrant(db: StoryDatabase): Promise<void> {
  const bot = db.rpc('ags_bot');
  const { taskId, reference } = await askTask(db);
  await approve(db, reference, secondOperator);
  await approve(db, reference, owner);
  const held = await grant(db, taskId);
  await stopEffects(bot, { externalId: reviewer, reason: 'a smell of smoke', scope: 'effects' });
  await sendPart(db, held.effectId, 1);
  await settle(db, held, 'again');
  await resumeEffects(bot, { externalId: operator, reason: 'it was toast' });
  await resumeEffects(bot, { externalId: secondOwner, reason: '' });
  await runToEnd(db, taskId);
}

async function moveMoney(db: StoryDatabase): Promise<void> {
  await passChecklist(db);
  await tellAccount(db);
  for (const order of [payment('120.50'), trade('100')]) await approveByTwo(db, await askTask(db, moving(order)));
}

/** Nobody decides in time, and it is asked again. */
async function askAgain(db: StoryDatabase): Promise<void> {
  const { taskId } = await askTask(db);
  await (await expireRequest(db, taskId))(owner);
  await approveByTwo(db, await ask(db, taskId));
}

/** One of two has approved when the time is over, and two people open the glass. */
async function breakGlass(db: StoryDatabase): Promise<void> {
  const { taskId, reference } = await askTask(db);
  await approve(db, reference, secondOperator);
  await expireRequest(db, taskId);
  await openGlass(db, taskId, { by: owner, second: secondOwner });
  await runToEnd(db, taskId);
  await reviewBreakGlass(db.rpc('ags_bot'), { externalId: secondOwner, taskId, text: 'rightly so' });
}

async function sendAgain(db: StoryDatabase): Promise<void> {
  const bot = db.rpc('ags_bot');
  const { taskId, reference } = await askTask(db);
  await approve(db, reference, secondOperator);
  await approve(db, reference, owner);
  const held = await grant(db, taskId);
  await sendPart(db, held.effectId, 1);
  await settle(db, held, 'again');
  const { card } = await openDoubtCard(bot, held.effectId, { chatId: PLACES.admin, topicId: null });
  await recordCard(bot, card.cardId, 800);
  for (const externalId of [owner, secondOwner]) {
    await decideDoubt(bot, { token: card.token, chatId: PLACES.admin, messageId: 800, externalId, answer: 'again' });
  }
  await runToEnd(db, taskId);
}
