/** Resolution in further directories, in the thread that Node.js 20 runs hooks in. */

import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';

import { findInDirectories } from './find_in_directories.js';

/** Passed to the thread of the hooks when it starts. */
export interface HooksData {
  /** The directories, each time that they are others. */
  readonly news: MessagePort;
}

type NextResolve = (specifier: string, context: object) => Promise<object>;

let directories: readonly string[] = [];
let news: MessagePort | undefined;

/** Called by Node.js when the hooks are registered. */
export function initialize(data: HooksData): void {
  news = data.news;
}

/** The resolve hook of Node.js: looks into the directories for what is found nowhere else. */
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

/** They were sent before what is to be resolved, and are not waited for. */
function presentDirectories(): readonly string[] {
  for (;;) {
    const received = news && (receiveMessageOnPort(news) as { message: string[] } | undefined);
    if (received === undefined) return directories;
    directories = received.message;
  }
}
