import { FairShare, type Sharer } from '../../lib/scheduling/fair_share.js';

class Member implements Sharer {
  usedTime = 0;
  correction = 0;
  place = -1;
  /** Time it has been given, as the test counts it. */
  given = 0;
}

/**
 * Gives out `total` in pieces, each to the member whose turn it is and as large as that one wants.
 */
function give(share: FairShare<Member>, total: number, pieceOf: (member: Member) => number): void {
  for (let given = 0; given < total;) {
    const member = share.current!;
    const piece = pieceOf(member);
    member.given += piece;
    given += piece;
    share.charge(piece);
  }
}

function members(count: number): { share: FairShare<Member>; all: Member[] } {
  const share = new FairShare<Member>(10);
  const all = Array.from({ length: count }, () => new Member());
  for (const member of all) share.join(member);
  return { share, all };
}

test('it is nobody’s turn when nobody wants anything', () => {
  const { share, all } = members(1);
  share.leave(all[0]!);
  expect(share.current).toBeUndefined();
});

test('who wants small pieces gets as much as who wants large ones', () => {
  const { share, all } = members(3);
  const sizes = new Map(all.map((member, index) => [member, [1, 30, 100][index]!]));
  give(share, 30_000, (member) => sizes.get(member)!);
  for (const { given } of all) expect(Math.abs(given - 10_000)).toBeLessThanOrEqual(110);
});

test('a turn is as long as was agreed, not one small piece', () => {
  const { share } = members(2);
  let turns = 0;
  let latest: Member | undefined;
  give(share, 1000, (member) => {
    if (member !== latest) turns++;
    latest = member;
    return 1;
  });
  expect(turns).toBeLessThanOrEqual(102);
  expect(turns).toBeGreaterThanOrEqual(40);
});

test('who comes later is next, and level with the others from then on', () => {
  const { share, all } = members(1);
  give(share, 5000, () => 1);
  const late = new Member();
  share.join(late);
  expect(share.current).toBe(late);
  give(share, 1000, () => 1);
  expect(Math.abs(late.given - 500)).toBeLessThanOrEqual(10);
  expect(Math.abs(all[0]!.given - 5500)).toBeLessThanOrEqual(10);
});

test('who wanted nothing for a while has no credit', () => {
  const { share, all } = members(2);
  const [busy, idle] = all as [Member, Member];
  give(share, 200, () => 1);
  share.leave(idle);
  give(share, 5000, () => 1);
  share.join(idle);
  const before = idle.given;
  give(share, 1000, () => 1);
  expect(Math.abs(idle.given - before - 500)).toBeLessThanOrEqual(10);
  expect(busy.given).toBeGreaterThan(5000);
});

test('who used more than it was charged waits until the others have had as much', () => {
  const { share, all } = members(2);
  const [wrong, right] = all as [Member, Member];
  give(share, 200, () => 1);
  share.correct(wrong, 1000);
  give(share, 1000, () => 1);
  expect(right.given - wrong.given).toBeGreaterThanOrEqual(980);
  give(share, 1000, () => 1);
  expect(right.given - wrong.given).toBeLessThanOrEqual(1020);
});

test('who used less than it was charged gets the rest back', () => {
  const { share, all } = members(2);
  const [wrong, right] = all as [Member, Member];
  give(share, 200, () => 1);
  share.correct(wrong, -500);
  give(share, 2000, () => 1);
  expect(wrong.given - right.given).toBeGreaterThanOrEqual(480);
  expect(wrong.given - right.given).toBeLessThanOrEqual(520);
});

test('what was used while nobody else wanted anything is not held against the user', () => {
  const { share, all } = members(1);
  const [alone] = all as [Member];
  give(share, 10, () => 1);
  share.leave(alone);
  share.correct(alone, 100_000);
  const other = new Member();
  share.join(other);
  share.join(alone);
  give(share, 1000, () => 1);
  expect(Math.abs(other.given - 500)).toBeLessThanOrEqual(20);
});

test('whoever comes and goes, it is the turn of one who has used least', () => {
  const share = new FairShare<Member>(10);
  const inside = new Set<Member>();
  const outside = Array.from({ length: 50 }, () => new Member());
  let state = 1;
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  for (let step = 0; step < 3000; step++) {
    if (random(3) === 0 && outside.length > 0) {
      const [member] = outside.splice(random(outside.length), 1);
      inside.add(member!);
      share.join(member!);
    } else if (random(4) === 0 && inside.size > 0) {
      const member = [...inside][random(inside.size)]!;
      inside.delete(member);
      outside.push(member);
      share.leave(member);
    } else if (inside.size > 0) {
      share.charge(1 + random(50));
      share.correct([...inside][random(inside.size)]!, random(21) - 10);
    }
    const { current } = share;
    expect(current === undefined).toBe(inside.size === 0);
    if (current === undefined) continue;
    expect(inside.has(current)).toBe(true);
    const least = Math.min(...[...inside].map(({ usedTime }) => usedTime));
    expect(current.usedTime).toBeLessThanOrEqual(least + 10);
  }
});
