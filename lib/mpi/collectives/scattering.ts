/** A value to each: scatter; and from each to each: alltoall. */

import { validateRoot } from '../arguments.js';
import { exchangeBlocks, ranksOf } from './blocks.js';
import { collective, type Plan } from './collective.js';
import type { Handle } from '../handle.js';
import { partsOf, type Parts } from './per_rank.js';
import { allocate, cutKind, elementSize, valueOf } from '../messages/payload.js';

export function scatter(handle: Handle, values: unknown, root: number): Promise<unknown> {
  return collective(handle, 'scatter', () => {
    validateRoot(root, handle);
    const { rank, size } = handle.extent;
    return rank === root ? scatterFromHere(partsOf(values, size), root) : scatterToHere(root);
  });
}

function scatterFromHere(parts: Parts, root: number): Plan<unknown> {
  const { kind, blocks, values, sizes } = parts;
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

export function alltoall(handle: Handle, values: unknown): Promise<unknown> {
  return collective(handle, 'alltoall', () => {
    const { rank, size } = handle.extent;
    const parts = partsOf(values, size);
    const { kind, blocks, sizes } = parts;
    const others = ranksOf(size).filter((other) => other !== rank);
    const sent = others.flatMap((other) => [other, blocks[other]!]);
    if (parts.values === undefined) return alltoallOfArray(parts, rank, sent);
    const own = parts.values[rank];
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

/** The parts that are received are one array again. */
function alltoallOfArray(
  { kind, blocks }: Parts,
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
