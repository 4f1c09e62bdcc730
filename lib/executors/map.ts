/** `map` and `starmap` of all executors, for a given function. */

import { groupedSource, zipSources } from './argument_lists.js';
import type { MapTarget } from './map_feed.js';
import { resolveMapOptions, type MapOptions } from './map_options.js';
import { MapResults } from './map_results.js';

/**
 * Calls the function with the first elements of all sources, then with the second ones, and so on to the end of the
 * shortest source. Starts before it returns.
 *
 * @throws {TypeError | RangeError} for an argument that is not a source, and for wrong options
 */
export function mapTasks<R>(
  target: MapTarget<R>,
  sources: readonly unknown[],
  options: MapOptions = {},
): MapResults<R> {
  const resolved = resolveMapOptions(options);
  return new MapResults(target, zipSources(sources), resolved);
}

/** Like {@link mapTasks}, with one source of argument lists. */
export function starmapTasks<R>(
  target: MapTarget<R>,
  argumentLists: unknown,
  options: MapOptions = {},
): MapResults<R> {
  const resolved = resolveMapOptions(options);
  return new MapResults(target, groupedSource(argumentLists), resolved);
}
