import { argumentTypeError } from '../argument_errors.js';
import {
  AsyncReader,
  isAsync,
  isSized,
  sizeOf,
  SyncReader,
  validateSource,
  type Source,
} from './source_readers.js';

/** The arguments of one call. */
export type ArgumentList = readonly unknown[];

/** The arguments of all calls of a map, one call after another. */
export interface ArgumentLists {
  /** True if all lists are in memory already. */
  readonly sized: boolean;
  /** The number of lists, if they are in memory; undefined otherwise. */
  readonly length: number | undefined;
  /** The next list, or `undefined` after the last. Not a promise if all sources answer synchronously. */
  next(): ArgumentList | undefined | Promise<ArgumentList | undefined>;
  /** Closes the sources, from which no more is read. */
  close(): Promise<void>;
}

/**
 * Makes one list of the first elements of all sources, then one of the second elements, and so on to the end of the
 * shortest source; the others are closed then. Without sources there is no list.
 *
 * @throws {TypeError} for an argument that is not a source
 */
export function zipSources(sources: readonly unknown[]): ArgumentLists {
  const valid = sources.map((source, index) => toSource(source, `source ${index + 1} of map`));
  return zip(valid);
}

/**
 * Takes each element of one source as a list.
 *
 * @throws {TypeError} for an argument that is not a source; `next` throws it for an element that is not a list
 */
export function groupedSource(source: unknown): ArgumentLists {
  return new Grouped(zip([toSource(source, 'the source of starmap')]));
}

function zip(sources: readonly Source<unknown>[]): ArgumentLists {
  return sources.some(isAsync)
    ? new AsyncZip(sources)
    : new SyncZip(sources as Iterable<unknown>[]);
}

class SyncZip implements ArgumentLists {
  readonly sized: boolean;
  readonly length: number | undefined;
  readonly #readers: readonly SyncReader[];

  constructor(sources: readonly Iterable<unknown>[]) {
    this.sized = sources.every(isSized);
    if (this.sized) this.length = sources.length === 0 ? 0 : Math.min(...sources.map(sizeOf));
    this.#readers = sources.map((source) => new SyncReader(source));
  }

  next(): ArgumentList | undefined {
    const list: unknown[] = [];
    for (const reader of this.#readers) {
      const step = reader.read();
      if (step.done === true) {
        closeAll(this.#readers);
        return undefined;
      }
      list.push(step.value);
    }
    return list.length === 0 ? undefined : list;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      closeAll(this.#readers);
      resolve();
    });
  }
}

class AsyncZip implements ArgumentLists {
  readonly sized = false;
  readonly length = undefined;
  readonly #sync: [number, SyncReader][] = [];
  readonly #async: [number, AsyncReader][] = [];

  constructor(sources: readonly Source<unknown>[]) {
    for (const [index, source] of sources.entries()) {
      if (isAsync(source)) this.#async.push([index, new AsyncReader(source)]);
      else this.#sync.push([index, new SyncReader(source)]);
    }
  }

  async next(): Promise<ArgumentList | undefined> {
    const list: unknown[] = [];
    // Synchronous sources first: if one of them has ended, the others need not be asked for an element, which they
    // might take long to give.
    for (const [index, reader] of this.#sync) {
      const step = reader.read();
      if (step.done === true) return this.#end();
      list[index] = step.value;
    }
    const steps = await Promise.all(this.#async.map(([, reader]) => reader.read()));
    for (const [order, [index]] of this.#async.entries()) {
      const step = steps[order]!;
      if (step.done === true) return this.#end();
      list[index] = step.value;
    }
    return list;
  }

  async #end(): Promise<undefined> {
    await this.close();
    return undefined;
  }

  async close(): Promise<void> {
    const closing = this.#async.map(([, reader]) => reader.close());
    closeAll(this.#sync.map(([, reader]) => reader));
    await Promise.all(closing);
  }
}

class Grouped implements ArgumentLists {
  readonly sized: boolean;
  readonly length: number | undefined;
  readonly #groups: ArgumentLists;

  constructor(groups: ArgumentLists) {
    this.sized = groups.sized;
    this.length = groups.length;
    this.#groups = groups;
  }

  next(): ArgumentList | undefined | Promise<ArgumentList | undefined> {
    const group = this.#groups.next();
    return group instanceof Promise ? group.then(ungroup) : ungroup(group);
  }

  close(): Promise<void> {
    return this.#groups.close();
  }
}

function ungroup(group: ArgumentList | undefined): ArgumentList | undefined {
  if (group === undefined) return undefined;
  const [list] = group;
  if (Array.isArray(list)) return list as unknown[];
  if (typeof list === 'object' && list !== null && Symbol.iterator in list) {
    return [...(list as Iterable<unknown>)];
  }
  throw argumentTypeError('a list of arguments', 'an element of the source of starmap', list);
}

function toSource(source: unknown, name: string): Source<unknown> {
  validateSource(source, name);
  return source;
}

// Closes each one even if closing another has thrown.
function closeAll(readers: readonly SyncReader[]): void {
  const errors: unknown[] = [];
  for (const reader of readers) {
    try {
      reader.close();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
