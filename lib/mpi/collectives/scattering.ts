/** Sends a value to each rank (scatter), or from each rank to each rank (alltoall). */

import { validateRoot } from '../arguments.js';
import { exchangeBlocks, ranksOf } from './blocks.js';
import { collective, type Plan } from './collective.js';
import type { Handle } from '../handle.js';
import { perRankOf, type PerRank } from './per_rank.js';
import { allocate, cutKind, elementSize, valueOf } from '../messages/payload.js';

/** Resolves to the value that `root` gives for this rank; the `values` of other ranks are ignored. */
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

/** Sends a value to each rank and resolves to the values for this rank, by sender. */
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

/** Resolves to one array of all blocks that were received. */
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
