/** Gathers a value from each rank: gather and allgather. */

import { validateRoot } from '../arguments.js';
import { allgatherBlocks, gatherBlocks } from './blocks.js';
import { collective } from './collective.js';
import type { Handle } from '../handle.js';
import { payloadOf, valueOf } from '../messages/payload.js';

/** Resolves to the values of all ranks in rank order, on `root`; null elsewhere. */
export function gather(handle: Handle, value: unknown, root: number): Promise<unknown[] | null> {
  return collective(handle, 'gather', () => {
    validateRoot(root, handle);
    const { kind, bytes } = payloadOf(value);
    const size = bytes.byteLength;
    return {
      terms: { root, kind, bytes: [size, size] },
      proceed: async (stage) => {
        const blocks = await gatherBlocks(stage, bytes, root);
        if (blocks === null) return null;
        return blocks.map((block, rank) => (rank === root ? value : valueOf(kind, block)));
      },
    };
  });
}

/** Resolves to the values of all ranks in rank order, on all ranks. */
export function allgather(handle: Handle, value: unknown): Promise<unknown[]> {
  return collective(handle, 'allgather', () => {
    const { kind, bytes } = payloadOf(value);
    const size = bytes.byteLength;
    return {
      terms: { kind, bytes: [size, size] },
      proceed: async (stage) => {
        const blocks = await allgatherBlocks(stage, bytes);
        return blocks.map((block) => valueOf(kind, block));
      },
    };
  });
}
