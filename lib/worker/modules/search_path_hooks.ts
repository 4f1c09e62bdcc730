/** Resolves modules in further directories, in the thread in which Node.js 20 runs hooks. */

import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';

import { findInDirectories } from './find_in_directories.js';

/** Passed to the thread of the hooks when it starts. */
export interface HooksData {
  /** The directories, each time that they change. */
  readonly news: MessagePort;
}

type NextResolve = (specifier: string, context: object) => Promise<object>;

let directories: readonly string[] = [];
let news: MessagePort | undefined;

/** Called by Node.js when the hooks are registered. */
export function initialize(data: HooksData): void {
  news = data.news;
}

/** The resolve hook of Node.js: searches the directories for a module that is found nowhere else. */
export async function resolve(
  specifier: string,
  context: object,
  next: NextResolve,
): Promise<object> {
  const searched = presentDirectories();
  try {
    return await next(specifier, context);
  } catch (error) {
    const url = findInDirectories(specifier, searched);
    if (url === undefined) throw error;
    return next(url, context);
  }
}

/**
 * The directories of the present executor. They were sent before the module is resolved, so there is no need to wait
 * for them.
 */
function presentDirectories(): readonly string[] {
  for (;;) {
    const received = news && (receiveMessageOnPort(news) as { message: string[] } | undefined);
    if (received === undefined) return directories;
    directories = received.message;
  }
}
