import type { Command, Role, Team } from './commands.ts';
import { overlap, TeamModel } from './team-model.ts';

export interface World {
  tier: 'T2' | 'T3';
  /** Which slot whoever asked may fill. */
  separation: 'none' | 'operator' | 'any';
  requester: number;
}

type Slot = 'owner' | 'operator';
type Of<Kind extends Command['do']> = Extract<Command, { do: Kind }>;
const MAX_TRIES = 4;

/**
 * What has to come of each command, from what the contract promises to people. One task with one delivery; a request moves
 *   critic -> staging -> pending -> approved -> (granted) , back to critic by an edit and to staging when an approval no longer counts.
 */
export class ApprovalModel {
  readonly #world: World;
  readonly #team: TeamModel;
  #phase: 'critic' | 'staging' | 'pending' | 'approved' = 'pending';
  #isOver = false;
  #isLate = false;
  /** Who filled which slot, and whose word that was then. */
  #approved = new Map<Slot, { by: number; behind: number[] }>();
  readonly #everDecided = new Set<number>();
  #isStopped = false;
  #generation = 0;
  #resumeAskedBy: number | null = null;
  /** The worker's hold of the step that delivers; a number that nobody had before. */
  #hold: number | null = null;
  #holds = 0;
  #tries = 0;
  #effect: 'none' | 'granted' | 'done' | 'in doubt' = 'none';
  #grant = { hold: 0, generation: 0 };
  #part: 'unsent' | 'open' | 'landed' = 'unsent';

  constructor(world: World, team: Team) {
    this.#world = world;
    this.#team = new TeamModel(team);
  }

  /** What the answer has to be. */
  predict(command: Command): string {
    switch (command.do) {
      case 'approve':
        return this.#approve(command);
      case 'reject':
        return this.#reject(command);
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
        return this.#authorize(command);
      case 'send':
        return this.#send(command);
      case 'settle':
        return this.#settle(command);
      case 'let time pass for':
        return this.#letTimePass(command);
      case 'sweep':
        return this.#sweep(command);
      default:
        return this.#change(command);
    }
  }

  get #slots(): Slot[] {
    return this.#world.tier === 'T3' ? ['owner', 'operator'] : ['operator'];
  }

  /** Whether a press by this person can mean anything at all. */
  #isOpenFor(person: number): boolean {
    const isAsked = this.#phase === 'approved' || (this.#phase === 'pending' && !this.#isLate);
    return this.#team.mayDecide(person) && !this.#isStopped && !this.#isOver && isAsked;
  }

  #approve({ by, at, as }: Of<'approve'>): string {
    if ((at !== 'reference' && at !== 'card') || !this.#isOpenFor(by) || this.#phase === 'approved') return 'refused';
    const approvals = [...this.#approved.values()];
    if (approvals.some((approval) => approval.by === by)) return 'refused';
    const { separation, requester } = this.#world;
    const slot = this.#slots.find((one) => {
      const behind = this.#team.behind(by, one);
      const isAllowed = !behind.includes(requester) || separation === 'any' || (separation === 'operator' && one === 'operator');
      if (approvals.some((approval) => overlap(behind, approval.behind))) return false;
      return this.#team.fits(by, one) && isAllowed && (as === undefined || as === one) && !this.#approved.has(one);
    });
    if (slot === undefined) return 'refused';
    this.#approved.set(slot, { by, behind: this.#team.behind(by, slot) });
    this.#everDecided.add(by);
    if (this.#approved.size < this.#slots.length) return 'recorded';
    this.#phase = 'approved';
    return 'approved';
  }

  #reject({ by, at, hasReason }: Of<'reject'>): string {
    if ((at !== 'reference' && at !== 'card') || !this.#isOpenFor(by) || this.#effect !== 'none' || !hasReason) return 'refused';
    this.#end();
    return 'rejected';
  }

  #edit({ by }: Of<'edit'>): string {
    if (!this.#isOpenFor(by) || this.#effect !== 'none') return 'refused';
    this.#askFrom('critic');
    return 'edited';
  }

  #cancel({ by }: Of<'cancel'>): string {
    if (this.#isOver || !(this.#team.mayDecide(by) || by === this.#world.requester)) return 'refused';
    this.#end();
    return 'cancelled';
  }

  #stop({ by }: Of<'stop'>): string {
    if (!this.#team.hasAnyRole(by)) return 'refused';
    this.#isStopped = true;
    this.#generation += 1;
    this.#resumeAskedBy = null;
    return 'stopped';
  }

  #resume({ by }: Of<'resume'>): string {
    if (!this.#isStopped || !this.#team.mayDecide(by)) return 'refused';
    const first = this.#resumeAskedBy;
    if (first === null || !this.#team.mayDecide(first)) {
      this.#resumeAskedBy = by;
      return 'asked';
    }
    const areTwo = (owner: number, other: number) =>
      this.#team.holds(owner, 'owner') && !overlap(this.#team.behind(owner, 'owner'), this.#team.behind(other, 'operator'));
    if (!(areTwo(first, by) || areTwo(by, first))) return 'refused';
    this.#isStopped = false;
    this.#resumeAskedBy = null;
    return 'resumed';
  }

  #work(): string {
    const isAsking = this.#phase === 'critic' || this.#phase === 'staging';
    if (!isAsking || this.#isStopped || this.#isOver) return 'nothing';
    this.#phase = 'pending';
    this.#isLate = false;
    return 'shown';
  }

  #claim(): string {
    const isReady = this.#phase === 'approved' && this.#hold === null && this.#effect !== 'in doubt' && this.#effect !== 'done';
    if (!isReady || this.#isStopped || this.#isOver) return 'nothing';
    this.#holds += 1;
    this.#hold = this.#holds;
    this.#tries += 1;
    return 'held';
  }

  #authorize({ flaw }: Of<'authorize'>): string {
    if (this.#hold === null || flaw === 'old hold') return 'lost';
    if (this.#isStopped) return 'stopped';
    const isSound = flaw === null && !this.#isLate && [...this.#approved].every(([slot, { by }]) => this.#team.stillFits(by, slot));
    if (this.#effect === 'granted' && flaw !== 'checksum') {
      const isNew = this.#grant.hold !== this.#hold || this.#grant.generation !== this.#generation;
      if (!isNew || this.#part === 'open') return 'exists';
      if (!isSound) return 'refused';
      this.#grant = { hold: this.#hold, generation: this.#generation };
      return 'exists';
    }
    if (!isSound) return 'refused';
    this.#effect = 'granted';
    this.#grant = { hold: this.#hold, generation: this.#generation };
    return 'go';
  }

  #send({ isNoted }: Of<'send'>): string {
    const { hold, generation } = this.#grant;
    if (this.#effect !== 'granted' || this.#hold === null || hold !== this.#hold) return 'no';
    if (this.#isStopped || generation !== this.#generation || this.#part !== 'unsent') return 'no';
    this.#part = isNoted ? 'landed' : 'open';
    return 'sent';
  }

  #settle({ as }: Of<'settle'>): string {
    if (this.#hold === null || this.#effect !== 'granted' || (as === 'done' && this.#part !== 'landed')) return 'impossible';
    if (this.#part === 'open') this.#doubt();
    else if (as === 'done') this.#effect = 'done';
    else {
      this.#tries -= 1;
      if (this.#part === 'unsent') this.#effect = 'none';
    }
    this.#hold = null;
    return 'settled';
  }

  #letTimePass({ what }: Of<'let time pass for'>): string {
    if (what === 'delegations') this.#team.endDelegations();
    else if (this.#phase === 'pending' || this.#phase === 'approved') this.#isLate = true;
    return 'passed';
  }

  #sweep({ isWorkerLost }: Of<'sweep'>): string {
    this.#lose(this.#team.noticeEnds());
    if (isWorkerLost && this.#hold !== null) {
      if (this.#effect === 'granted' && this.#part === 'open') this.#doubt();
      else if (this.#tries >= MAX_TRIES) this.#end();
      this.#hold = null;
    }
    const isAsked = this.#phase === 'pending' || this.#phase === 'approved';
    if (this.#isLate && isAsked && this.#effect === 'none' && !this.#isOver) this.#end();
    return 'swept';
  }

  #change(command: Of<'grant' | 'revoke' | 'delegate'>): string {
    const lost = this.#team.change(command);
    if (lost === null) return 'no';
    this.#lose(lost);
    return 'applied';
  }

  /** These people have lost a role: what rests on an approval that counts no longer is asked anew, unless it is out already. */
  #lose(people: readonly number[]): void {
    const isAsked = this.#phase === 'pending' || this.#phase === 'approved';
    if (this.#isOver || !isAsked || this.#effect !== 'none' || !people.some((person) => this.#everDecided.has(person))) return;
    if ([...this.#approved].some(([slot, { by }]) => !this.#team.fits(by, slot as Role))) this.#askFrom('staging');
  }

  #askFrom(phase: 'critic' | 'staging'): void {
    this.#phase = phase;
    this.#isLate = false;
    this.#approved = new Map();
    this.#hold = null;
  }

  #doubt(): void {
    this.#effect = 'in doubt';
    this.#hold = null;
  }

  #end(): void {
    this.#isOver = true;
    this.#hold = null;
  }
}
