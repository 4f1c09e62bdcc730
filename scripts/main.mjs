import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A failure its reader can do something about. The message says it all; a stack would hide it. */
export class ScriptError extends Error {}

/**
 * Runs `main` if the module at `url` is the program, not when it is imported; its result is the
 * exit status.
 * @param {string} url
 * @param {() => number | void | Promise<number | void>} main
 */
export async function runAsProgram(url, main) {
  const program = process.argv[1];
  if (program === undefined || realpathSync(program) !== fileURLToPath(url)) return;
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!isForReader(error)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/**
 * @param {unknown} error
 * @returns {error is Error}
 */
function isForReader(error) {
  if (error instanceof ScriptError) return true;
  return (
    error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  );
}
