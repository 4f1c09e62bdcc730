/** A value to each: scatter; and from each to each: alltoall. */

import { validateRoot } from '../arguments.js';
import { exchangeBlocks, ranksOf } from './blocks.js';
import { collective, type Plan } from './collective.js';
import type { Handle } from '../handle.js';
import { perRankOf, type PerRank } from './per_rank.js';
import { allocate, cutKind, elementSize, valueOf } from '../messages/payload.js';

/** This rank's value of those that `root` gives; the other ranks' `values` do not count. */
export function scatter(handle: Handle, values: unknown, root: number): Promise<unknown> {
  return collective(handle, 'scatter', () => {
    validateRoot(root, handle);
    const { rank, size } = handle.extent;
    return rank === root ? scatterFromHere(perRankOf(values, size), root) : scatterToHere(root);
  });
}

function scatterFromHere(perRank: PerRank, root: number): Plan<unknown> {
  const { kind, blocks, values, sizes } = perRank;
  return {
    terms: { root, kind, bytes: sizes },
    proceed: async (stage) => {
      const sent = ranksOf(blocks.length).flatMap((rank) =>
        rank === root ? [] : [rank, blocks[rank]!],
      );
      await exchangeBlocks(stage, sent, []);
      return values === undefined ? valueOf(kind, blocks[root]!.slice()) : values[root];
    },
  };
}

function scatterToHere(root: number): Plan<unknown> {
  return {
    terms: { root },
    proceed: async (stage) => {
      const received = await exchangeBlocks(stage, [], [root]);
      return valueOf(stage.agreed.kind!, received.get(root)!);
    },
  };
}

/** A value for each rank from each rank: the result has those that were for this one, by sender. */
export function alltoall(handle: Handle, values: unknown): Promise<unknown> {
  return collective(handle, 'alltoall', () => {
    const { rank, size } = handle.extent;
    const perRank = perRankOf(values, size);
    const { kind, blocks, sizes } = perRank;
    const others = ranksOf(size).filter((other) => other !== rank);
    const sent = others.flatMap((other) => [other, blocks[other]!]);
    if (perRank.values === undefined) return alltoallOfArray(perRank, rank, sent);
    const own = perRank.values[rank];
    return {
      terms: { kind, bytes: sizes },
      proceed: async (stage) => {
        const received = await exchangeBlocks(stage, sent, others);
        return ranksOf(size).map((other) =>
          other === rank ? own : valueOf(kind, received.get(other)!),
        );
      },
    };
  });
}

/** The blocks that are received are one array again. */
function alltoallOfArray(
  { kind, blocks }: PerRank,
  rank: number,
  sent: (number | Uint8Array)[],
): Plan<unknown> {
  const each = blocks[0]!.byteLength;
  const size = blocks.length;
  return {
    terms: { kind: cutKind(kind), length: (each * size) / elementSize(kind), bytes: [each, each] },
    proceed: async ({ addon, native, tag, posted }) => {
      const into = allocate(addon, each * size);
      const places = ranksOf(size).map((other) => into.subarray(other * each, (other + 1) * each));
      places[rank]!.set(blocks[rank]!);
      const received = places.flatMap((place, other) => (other === rank ? [] : [other, place]));
      await posted(addon.exchange(native.id, tag, sent, received));
      return valueOf(kind, into);
    },
  };
}
