import { AsyncResource } from 'node:async_hooks';

import { warnOfProgress } from '../futures/progress_callbacks.js';
import { ProgressCounter, type MapProgress, type ShowProgress } from './map_progress.js';
import { showOnStderr } from './stderr_display.js';

/** True: shown on stderr. A text: the same, with this label. A function: called with the progress. */
export type ProgressOption = boolean | string | ((progress: MapProgress) => unknown);

/**
 * Counts the calls of a map and shows them as its option says; undefined if they are not to be shown.
 *
 * @param name - of the function, for the label
 * @param total - the number of calls, if it is known
 */
export function progressCounter(
  option: ProgressOption,
  name: string,
  total: number | undefined,
): ProgressCounter | undefined {
  if (option === false) return undefined;
  const label = typeof option === 'string' ? option : name;
  const show = typeof option === 'function' ? callback(option) : showOnStderr();
  return new ProgressCounter(label, total, show);
}

/** Calls the function in the asynchronous context of the map; an error is a warning. */
function callback(fn: (progress: MapProgress) => unknown): ShowProgress {
  return AsyncResource.bind((progress: MapProgress) => {
    try {
      const result = fn(progress);
      if (result instanceof Promise) result.catch(warn);
    } catch (error) {
      warn(error);
    }
  });
}

function warn(error: unknown): void {
  warnOfProgress('The option progress of a map threw', error);
}
