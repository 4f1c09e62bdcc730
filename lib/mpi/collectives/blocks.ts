/** Exchanges blocks of bytes: one from each rank, or one for each rank. */

import type { Stage } from './collective.js';
import { allocate } from '../messages/payload.js';

/** Resolves to the blocks of all ranks, on all ranks. The blocks share one ArrayBuffer. */
export async function allgatherBlocks(stage: Stage, mine: Uint8Array): Promise<Uint8Array[]> {
  const { addon, native, agreed, posted } = stage;
  const { size } = native;
  const sizes = new Float64Array(size).fill(agreed.largest);
  if (agreed.smallest !== agreed.largest) {
    const own = new Float64Array([mine.byteLength]);
    await addon.allgather(native.id, own, sizes, new Array<number>(size).fill(8));
  }
  const starts = new Float64Array(size + 1);
  sizes.forEach((bytes, rank) => (starts[rank + 1] = starts[rank]! + bytes));
  const into = allocate(addon, starts[size]!);
  await posted(addon.allgather(native.id, mine, into, [...sizes]));
  return Array.from(sizes, (_, rank) => into.subarray(starts[rank], starts[rank + 1]));
}

/** Resolves to the blocks of all ranks on `root`, where its own is not copied; null elsewhere. */
export async function gatherBlocks(
  stage: Stage,
  mine: Uint8Array,
  root: number,
): Promise<Uint8Array[] | null> {
  const { native } = stage;
  if (native.rank !== root) {
    await exchangeBlocks(stage, [root, mine], []);
    return null;
  }
  const others = ranksOf(native.size).filter((rank) => rank !== root);
  const received = await exchangeBlocks(stage, [], others);
  return ranksOf(native.size).map((rank) => (rank === root ? mine : received.get(rank)!));
}

/** Rank, block, rank, block, … */
type RanksAndBlocks = (number | Uint8Array)[];

/**
 * Sends blocks to ranks and receives one from each of `sources`. If the blocks do not all have the agreed size, the
 * sizes are sent first.
 */
export async function exchangeBlocks(
  stage: Stage,
  sent: RanksAndBlocks,
  sources: readonly number[],
): Promise<Map<number, Uint8Array>> {
  const { addon, native, agreed, tag, posted } = stage;
  const sizes = new Map(sources.map((rank) => [rank, agreed.largest]));
  const sizesTag = tag + 1;
  const varies = agreed.smallest !== agreed.largest;
  if (varies) {
    const sizesSent = sent.map((each) =>
      typeof each === 'number' ? each : new Float64Array([each.byteLength]),
    );
    const sizesReceived = sources.map((rank) => [rank, new Float64Array(1)] as const);
    await addon.exchange(native.id, sizesTag, sizesSent, sizesReceived.flat());
    for (const [rank, [bytes]] of sizesReceived) sizes.set(rank, bytes!);
  }
  const received = sources.map((rank) => [rank, allocate(addon, sizes.get(rank)!)] as const);
  await posted(addon.exchange(native.id, tag, sent, received.flat()));
  return new Map(received);
}

/** The ranks of a communicator of this size: 0, 1, … */
export function ranksOf(size: number): number[] {
  return Array.from({ length: size }, (_, rank) => rank);
}
