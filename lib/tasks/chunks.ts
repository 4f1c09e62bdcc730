/**
 * The calls of a chunk as they travel: by columns, all first arguments, then all second ones. A column of numbers is packed, and a
 * list for each call would have to be looked at on its own.
 */

type Lists = readonly (readonly unknown[])[];

/** The number of calls and a column for each argument; or, where calls have different numbers of arguments, their lists. */
export type Chunk = readonly [number, ...(readonly unknown[])[]] | readonly [Lists];

/** The chunk of one call for each list of arguments. */
export function chunkOf(lists: Lists): Chunk {
  const width = lists[0]?.length ?? 0;
  if (lists.some(({ length }) => length !== width)) return [lists];
  const columns: unknown[][] = [];
  for (let at = 0; at < width; at++) columns.push(lists.map((list) => list[at]));
  return [lists.length, ...columns];
}

/** The lists of arguments of a chunk's calls. */
export function listsOf([first, ...columns]: Chunk): Lists {
  if (typeof first !== 'number') return first;
  const lists: unknown[][] = [];
  for (let call = 0; call < first; call++) lists.push(columns.map((column) => column[call]));
  return lists;
}

/** True if a value of {@link chunkOf} has columns. */
export function hasColumns([first]: Chunk): boolean {
  return typeof first === 'number';
}
