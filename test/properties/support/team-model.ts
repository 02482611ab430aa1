import { type Command, EVERYBODY, type Role, type Team } from './commands.ts';

interface Lent {
  by: number;
  isOver: boolean;
}

/** An owner may do what an operator may. */
const isFor = (role: Role, slot: Role): boolean => role === slot || (slot === 'operator' && role === 'owner');

/** Whether one person stands behind both. */
export const overlap = (one: readonly number[], other: readonly number[]): boolean => one.some((person) => other.includes(person));

/** Who holds what, and how it changes: by two people, never by one, and never by whom it concerns. Written from the contract, not from the SQL. */
export class TeamModel {
  readonly #own: ReadonlyMap<number, Set<Role>>;
  readonly #lent: ReadonlyMap<number, Map<Role, Lent>>;

  constructor(team: Team) {
    this.#own = new Map(EVERYBODY.map((person) => [person, new Set(team.get(person))]));
    this.#lent = new Map(EVERYBODY.map((person) => [person, new Map()]));
  }

  owns(person: number, role: Role): boolean {
    return this.#own.get(person)?.has(role) ?? false;
  }

  /** Holds it now, of their own or lent. */
  holds(person: number, role: Role): boolean {
    return this.owns(person, role) || this.#lent.get(person)?.get(role)?.isOver === false;
  }

  fits(person: number, slot: Role): boolean {
    return this.holds(person, slot) || (slot === 'operator' && this.holds(person, 'owner'));
  }

  /** Whose word it is when this person fills such a slot now: a lent role speaks for whoever lent it, where none of their own would do. */
  behind(person: number, slot: Role): number[] {
    const lenders = [...(this.#lent.get(person) ?? [])].flatMap(([role, { by, isOver }]) => (!isOver && isFor(role, slot) ? [by] : []));
    const isOwn = this.owns(person, slot) || (slot === 'operator' && this.owns(person, 'owner'));
    return isOwn ? [person] : [person, ...lenders];
  }

  /** What was given under a delegation may still be let out until its end has been noticed. */
  stillFits(person: number, slot: Role): boolean {
    const lent = this.#lent.get(person);
    return this.fits(person, slot) || lent?.has(slot) === true || (slot === 'operator' && lent?.has('owner') === true);
  }

  mayDecide(person: number): boolean {
    return this.fits(person, 'operator');
  }

  hasAnyRole(person: number): boolean {
    return this.mayDecide(person) || this.holds(person, 'reviewer');
  }

  endDelegations(): void {
    for (const roles of this.#lent.values()) for (const lent of roles.values()) lent.isOver = true;
  }

  /** Takes away what is over; answers with whose roles that were. */
  noticeEnds(): number[] {
    const people: number[] = [];
    for (const [person, roles] of this.#lent)
      for (const [role, lent] of roles) {
        if (lent.isOver && roles.delete(role)) people.push(person);
      }
    return people;
  }

  /** Who has lost a role by it; null when it does not come into force. */
  change(change: Extract<Command, { do: 'grant' | 'revoke' | 'delegate' }>): number[] | null {
    if (!this.#isPossible(change) || !this.#isAgreed(change)) return null;
    const { to, role, by } = change;
    if (change.do === 'delegate') this.#lent.get(to)?.set(role, { by, isOver: false });
    else if (change.do === 'grant') {
      this.#lent.get(to)?.delete(role);
      this.#own.get(to)?.add(role);
    } else {
      this.#own.get(to)?.delete(role);
      this.#lent.get(to)?.delete(role);
      return [to, ...this.#endOrphans()];
    }
    return [];
  }

  #isPossible({ do: kind, by, to, role }: Extract<Command, { do: 'grant' | 'revoke' | 'delegate' }>): boolean {
    if (by === to) return false;
    if (kind === 'grant') return this.holds(by, 'owner') && !this.owns(to, role);
    if (kind === 'revoke')
      return this.holds(by, 'owner') && this.holds(to, role) && (!this.owns(to, role) || this.#isTeamWithout(to, role));
    const isTheirs = this.owns(by, role) || (role === 'operator' && this.owns(by, 'owner'));
    return this.mayDecide(by) && isTheirs && !(role === 'reviewer' ? this.holds(to, role) : this.fits(to, role));
  }

  /** Whoever proposes fills the owner slot if they can, else the operator's where they may; the second one the other. Nobody beside a stand-in. */
  #isAgreed({ do: kind, by, second, to }: Extract<Command, { do: 'grant' | 'revoke' | 'delegate' }>): boolean {
    const theirs = (['owner', 'operator'] as const).find(
      (slot) => (slot === 'owner' || kind === 'delegate') && this.fits(by, slot) && !this.behind(by, slot).includes(to),
    );
    if (theirs === undefined || second === by || second === to) return false;
    const other = theirs === 'owner' ? 'operator' : 'owner';
    return this.fits(second, other) && !overlap(this.behind(second, other), [by, to, ...this.behind(by, theirs)]);
  }

  /** There has to remain an owner, and somebody else who is operator or owner. Delegations keep nobody's place. */
  #isTeamWithout(person: number, role: Role): boolean {
    const left = (who: number, what: Role) => this.owns(who, what) && !(who === person && what === role);
    const people = [...this.#own.keys()];
    return people.some(
      (one) => left(one, 'owner') && people.some((other) => other !== one && (left(other, 'owner') || left(other, 'operator'))),
    );
  }

  #endOrphans(): number[] {
    const people: number[] = [];
    for (const [person, roles] of this.#lent)
      for (const [role, { by }] of roles) {
        const isBacked = this.owns(by, role) || (role === 'operator' && this.owns(by, 'owner'));
        if (!isBacked && roles.delete(role)) people.push(person);
      }
    return people;
  }
}
