import { attempt } from './attempt.js';

/**
 * The working directory at the start. Tasks may change the directory, so this package resolves its own paths from here.
 */
export const startDirectory = attempt(() => process.cwd()) ?? '/'; // it may have been removed
