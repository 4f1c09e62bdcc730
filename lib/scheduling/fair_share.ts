/** A member of a {@link FairShare}, with the fields that it uses. */
export interface Sharer {
  /** Time used so far, in virtual time: only differences between members matter. */
  usedTime: number;
  /** The difference between the actual use and the charge, which is not yet in `usedTime`. */
  correction: number;
  /** The index in the heap, or -1 while the member wants nothing. */
  place: number;
}

/**
 * Decides whose turn it is, so that all members who want something get the same time: start-time fair queuing (Goyal,
 * Vin, Cheng 1996) with turns of a minimum length.
 *
 * Time is charged as estimated when work is given, and corrected when it is known. A member that wanted nothing for a
 * while comes back level with the others, without credit.
 *
 * A charge costs O(1) within a turn. Ending a turn, joining and leaving cost O(log n) for the n members who want
 * something.
 */
export class FairShare<Member extends Sharer> {
  readonly #turnTime: number;
  /** A binary heap by used time. The member whose turn it is comes first. */
  readonly #heap: Member[] = [];
  #turnEnd = Infinity;
  #virtualTime = 0;

  /** @param turnTime the time by which a member may get ahead of the next one before its turn ends */
  constructor(turnTime: number) {
    this.#turnTime = turnTime;
  }

  /** The member whose turn it is; undefined if none wants anything. */
  get current(): Member | undefined {
    return this.#heap[0];
  }

  /**
   * Adds a member that wants something from now on. It starts level with the member whose turn it is, and goes first.
   */
  join(member: Member): void {
    if (this.#heap.length > 0) this.#startTurn();
    applyCorrection(member);
    member.usedTime = Math.max(member.usedTime, this.#virtualTime);
    this.#siftUp(member, this.#heap.length);
    this.#startTurn();
  }

  /** Removes a member that wants nothing more. */
  leave(member: Member): void {
    const place = member.place;
    const last = this.#heap.pop()!;
    if (last !== member) {
      this.#siftUp(last, place);
      this.#siftDown(last);
    }
    member.place = -1;
    if (this.#heap.length === 0) this.#forgive(member);
    else if (place === 0) this.#startTurn();
  }

  /** Charges the member whose turn it is for work that will take `time`. */
  charge(time: number): void {
    const member = this.#heap[0]!;
    member.usedTime += time;
    if (member.usedTime > this.#turnEnd) this.#startTurn();
  }

  /** Corrects the charge of a member for work that took `difference` longer. */
  correct(member: Sharer, difference: number): void {
    member.correction += difference;
    if (this.#heap.length === 0) this.#forgive(member);
  }

  // Corrections are applied to the member at the front, where they matter: one per turn instead of one per task.
  #startTurn(): void {
    const heap = this.#heap;
    do {
      applyCorrection(heap[0]!);
      this.#siftDown(heap[0]!);
    } while (heap[0]!.correction !== 0);
    this.#virtualTime = Math.max(this.#virtualTime, heap[0]!.usedTime);
    const next = Math.min(heap[1]?.usedTime ?? Infinity, heap[2]?.usedTime ?? Infinity);
    this.#turnEnd = next + this.#turnTime;
  }

  // A member is not charged for time that nobody else wanted.
  #forgive(member: Sharer): void {
    this.#virtualTime = Math.max(this.#virtualTime, member.usedTime + member.correction);
  }

  #siftUp(member: Member, start: number): void {
    const heap = this.#heap;
    let place = start;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (heap[above]!.usedTime < member.usedTime) break;
      this.#put(heap[above]!, place);
      place = above;
    }
    this.#put(member, place);
  }

  #siftDown(member: Member): void {
    const heap = this.#heap;
    let place = member.place;
    for (;;) {
      let below = 2 * place + 1;
      if (below + 1 < heap.length && heap[below + 1]!.usedTime < heap[below]!.usedTime) below++;
      if (below >= heap.length || heap[below]!.usedTime >= member.usedTime) break;
      this.#put(heap[below]!, place);
      place = below;
    }
    this.#put(member, place);
  }

  #put(member: Member, place: number): void {
    this.#heap[place] = member;
    member.place = place;
  }
}

function applyCorrection(member: Sharer): void {
  member.usedTime += member.correction;
  member.correction = 0;
}
