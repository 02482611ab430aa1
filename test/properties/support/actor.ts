import { randomUUID } from 'node:crypto';
import { sha256 } from '../../../src/domain/ids.ts';
import { AppError } from '../../../src/errors.ts';
import { claimRequest, decideApproval, editRequest, type Pointer } from '../../../src/store/approvals.ts';
import { openCard, recordCard } from '../../../src/store/cards.ts';
import { type ChangeView, withdrawChange } from '../../../src/store/changes.ts';
import { beginAttempt, settleAttempt } from '../../../src/store/effects.ts';
import { seedPeople } from '../../../src/store/people.ts';
import { claimStep, sweep, type Work } from '../../../src/store/steps.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { cancelTask } from '../../../src/store/tasks.ts';
import { decideAs, delegateRole, grantRole, proposeAs, revokeRoleOf } from '../../support/changes.ts';
import { authorize, HOLDER, handInCritique, settle, showStaged } from '../../support/stories.ts';
import { makeArtifact, PLACES, type StoryDatabase } from '../../support/story-world.ts';
import type { Command, Place, Team } from './commands.ts';

type Of<Kind extends Command['do']> = Extract<Command, { do: Kind }>;
const CARD_MESSAGE = 500;
/** Longer than any sequence takes: what is swept is what is over, not what was slow. */
const PATIENCE_MS = 60_000;
/** What a worker is told that is too late or asks for what cannot be. */
const EXPECTED = new Set(['lease_lost', 'state_conflict', 'not_found']);

/** Does in the database what a command says, and answers in one word what came of it. */
export class Actor {
  readonly #db: StoryDatabase;
  readonly #taskId: string;
  readonly #steps: { gate: string; effect: string; critic: string };
  #held: Work | null = null;
  #edits = 0;

  constructor(db: StoryDatabase, taskId: string) {
    this.#db = db;
    this.#taskId = taskId;
    this.#steps = { gate: `${taskId}/approve`, effect: `${taskId}/publish`, critic: `${taskId}/critic` };
  }

  /** Gives everybody the roles of a team, as a boot would have. */
  async seat(team: Team): Promise<void> {
    await this.#db.sql('delete from public.person_roles');
    const people = [...team].flatMap(([externalId, roles]) => roles.map((role) => ({ externalId, role })));
    await seedPeople(this.#db.rpc('ags_bot'), people);
  }

  act(command: Command): Promise<string> {
    switch (command.do) {
      case 'approve':
        return this.#decide(command, { decision: 'approve', ...(command.as ? { asRole: command.as } : {}) });
      case 'reject':
        return this.#decide(command, { decision: 'reject', reason: command.hasReason ? 'not like this' : ' ' });
      case 'edit':
        return this.#edit(command);
      case 'cancel':
        return this.#cancel(command);
      case 'stop':
        return this.#stop(command);
      case 'resume':
        return this.#resume(command);
      case 'work':
        return this.#work();
      case 'claim':
        return this.#claim();
      case 'authorize':
        return orElse('lost', () => this.#authorize(command));
      case 'send':
        return this.#send(command);
      case 'settle':
        return orElse('impossible', () => this.#settle(command));
      case 'let time pass for':
        return this.#letTimePass(command);
      case 'sweep':
        return this.#sweep(command);
      default:
        return this.#change(command);
    }
  }

  async #decide(
    { by, at }: { by: number; at: Place },
    what: { decision: 'approve' | 'reject'; reason?: string; asRole?: 'owner' | 'operator' },
  ) {
    const pointer = await this.#pointTo(at);
    const source = 'token' in pointer ? 'button' : 'command';
    return (await decideApproval(this.#db.rpc('ags_bot'), { pointer, externalId: by, source, ...what })).outcome;
  }

  async #pointTo(at: Place): Promise<Pointer> {
    if (at === 'reference' || at === 'old reference') {
      const [newest, older] = await this.#references();
      return { reference: (at === 'reference' ? newest : older) ?? 'T3-ZZZZZZZZ' };
    }
    const { card } = await openCard(this.#db.rpc('ags_bot'), this.#steps.gate, { chatId: PLACES.admin, topicId: null });
    await recordCard(this.#db.rpc('ags_bot'), card.cardId, CARD_MESSAGE);
    return { token: card.token, chatId: PLACES.admin, messageId: at === 'card' ? CARD_MESSAGE : CARD_MESSAGE + 1 };
  }

  async #references(): Promise<string[]> {
    const rows = await this.#db.sql('select reference from public.approval_requests where step_id = $1 order by version desc', [
      this.#steps.gate,
    ]);
    return rows.map(({ reference }) => String(reference));
  }

  async #edit({ by }: Of<'edit'>) {
    this.#edits += 1;
    const [reference = ''] = await this.#references();
    const artifact = makeArtifact('edited.md', 'draft', `edit ${this.#edits}`);
    return (await editRequest(this.#db.rpc('ags_bot'), { reference, externalId: by, artifact })).outcome;
  }

  async #cancel({ by }: Of<'cancel'>) {
    return (await cancelTask(this.#db.rpc('ags_bot'), { taskId: this.#taskId, externalId: by, reason: '' })).outcome;
  }

  async #stop({ by }: Of<'stop'>) {
    return (await stopEffects(this.#db.rpc('ags_bot'), { externalId: by, reason: '', scope: 'effects' })).outcome;
  }

  async #resume({ by }: Of<'resume'>) {
    return (await resumeEffects(this.#db.rpc('ags_bot'), { externalId: by, reason: '' })).outcome;
  }

  async #work(): Promise<string> {
    const worker = this.#db.rpc('ags_worker');
    const critic = await claimStep(worker, this.#steps.critic, HOLDER);
    if (critic) await handInCritique(this.#db, critic);
    const [row] = await this.#db.sql(`select request_id from public.approval_requests where step_id = $1 and status = 'staging'`, [
      this.#steps.gate,
    ]);
    const request = row ? await claimRequest(worker, String(row.request_id), HOLDER) : null;
    if (!request) return 'nothing';
    await showStaged(this.#db, request);
    return 'shown';
  }

  async #claim(): Promise<string> {
    const held = await claimStep(this.#db.rpc('ags_worker'), this.#steps.effect, HOLDER);
    this.#held = held ?? this.#held;
    return held ? 'held' : 'nothing';
  }

  async #authorize({ flaw }: Of<'authorize'>): Promise<string> {
    if (!this.#held) return 'lost';
    const flaws = {
      checksum: { checksum: sha256('something else') },
      target: { target: { chatId: PLACES.admin, topicId: null } },
      parts: { partCount: 2 },
      'old hold': { fence: this.#held.step.fence - 1 },
    };
    return (await authorize(this.#db, this.#held, flaw === null ? {} : flaws[flaw])).verdict;
  }

  async #send({ isNoted }: Of<'send'>): Promise<string> {
    const worker = this.#db.rpc('ags_worker');
    const effectId = await this.#findEffect();
    if (!this.#held || effectId === null) return 'no';
    const { isGo, attemptId } = await beginAttempt(worker, { effectId, fence: this.#held.step.fence, part: 1 });
    if (!isGo || attemptId === undefined) return 'no';
    if (isNoted) await settleAttempt(worker, attemptId, { outcome: 'done', chatId: PLACES.signals, topicId: null, messageId: 9001 });
    return 'sent';
  }

  async #settle({ as }: Of<'settle'>): Promise<string> {
    if (!this.#held) return 'impossible';
    await settle(this.#db, { held: this.#held, effectId: (await this.#findEffect()) ?? randomUUID() }, as);
    return 'settled';
  }

  async #findEffect(): Promise<string | null> {
    const [row] = await this.#db.sql('select effect_id from public.effects where step_id = $1', [this.#steps.effect]);
    return row ? String(row.effect_id) : null;
  }

  async #letTimePass({ what }: Of<'let time pass for'>): Promise<string> {
    if (what === 'delegations') {
      await this.#db.sql(
        'update public.person_roles set expires_at = clock_timestamp() where expires_at > clock_timestamp() and revoked_at is null',
      );
    } else {
      await this.#db.sql(
        `update public.approval_requests set expires_at = clock_timestamp() where task_id = $1 and status in ('pending', 'approved')`,
        [this.#taskId],
      );
    }
    return 'passed';
  }

  async #sweep({ isWorkerLost }: Of<'sweep'>): Promise<string> {
    const lose = `update public.task_steps set lease_expires_at = clock_timestamp() - interval '1 second' where task_id = $1 and status = 'running'`;
    if (isWorkerLost) await this.#db.sql(lose, [this.#taskId]);
    await sweep(this.#db.rpc('ags_worker'), PATIENCE_MS);
    return 'swept';
  }

  async #change({ do: kind, by, second, to, role }: Of<'grant' | 'revoke' | 'delegate'>): Promise<string> {
    const changes = { grant: () => grantRole(to, role), revoke: () => revokeRoleOf(to, role), delegate: () => delegateRole(by, to, role) };
    const { change } = await proposeAs(this.#db, by, changes[kind]());
    if (!change) return 'no';
    const { outcome } = await decideAs(this.#db, change, second);
    if (outcome !== 'applied') return this.#withdraw(change, by);
    return 'applied';
  }

  async #withdraw({ reference }: ChangeView, by: number): Promise<string> {
    await withdrawChange(this.#db.rpc('ags_bot'), { reference, externalId: by, reason: '' });
    return 'no';
  }
}

async function orElse(answer: string, fn: () => Promise<string>): Promise<string> {
  try {
    return await fn();
  } catch (thrown) {
    if (thrown instanceof AppError && EXPECTED.has(thrown.code)) return answer;
    throw thrown;
  }
}
