import { recordCard } from '../../../src/store/cards.ts';
import { type Incident, openIncidentCard } from '../../../src/store/incidents.ts';
import { failStep } from '../../../src/store/steps.ts';
import { claim, startTask, toHeld } from '../../support/story-steps.ts';
import { PLACES, type StoryDatabase } from '../../support/story-world.ts';

/** A planner that fails for good: its step is set aside. Answers with the task. */
export async function quarantine(db: StoryDatabase, code = 'internal'): Promise<string> {
  const taskId = await startTask(db);
  const held = await claim(db, `${taskId}/plan`);
  await failStep(db.rpc('ags_worker'), { ...toHeld(held), code, message: 'it broke', isRetryable: false });
  return taskId;
}

/** Its message in the alert channel, as number 900 or another. */
export async function showCard(db: StoryDatabase, incidentId: string, messageId = 900) {
  const { incident, card } = await openIncidentCard(db.rpc('ags_bot'), incidentId, { chatId: PLACES.admin, topicId: null });
  await recordCard(db.rpc('ags_bot'), card.cardId, messageId);
  return { incident, press: (externalId: number) => ({ token: card.token, chatId: PLACES.admin, messageId, externalId }) };
}

export async function listIds(db: StoryDatabase, kind: Incident['kind']): Promise<string[]> {
  const rows = await db.sql('select incident_id from public.incidents where kind = $1 order by first_seen_at', [kind]);
  return rows.map(({ incident_id: id }) => String(id));
}

/** What is the only incident of a kind. */
export async function findId(db: StoryDatabase, kind: Incident['kind']): Promise<string> {
  const [id, ...others] = await listIds(db, kind);
  if (id === undefined || others.length > 0)
    throw new Error(`there is not one incident of the kind ${kind} but ${others.length + (id === undefined ? 0 : 1)}`);
  return id;
}
