/**
 * Many checks in one run of a program, each a test of its own: starting an MPI job takes longer than most checks. The
 * program makes them with `check(name, body)` of test/programs/check.mjs.
 */

import { readFileSync } from 'node:fs';
import { programFile } from './layouts.js';
import { expectStatus, type ProgramResult } from './program.js';
import { ProgramError } from './run.js';

const DEADLINE = 60_000;

/** What test/programs/check.mjs prints. */
interface Outcome {
  check: string;
  failure?: string;
}

interface Run {
  /** The checks that the program came to. */
  outcomes: readonly Outcome[];
  /** What was wrong with the run itself: it hung, left something behind, or did not end with status 0. */
  problem?: Error;
}

/** Makes a test of each check in `program`, and one of its end. Call it inside `describe`. */
export function testChecks(
  program: string,
  run: (options: { deadline: number }) => Promise<ProgramResult>,
): void {
  let done: Run;
  beforeAll(async () => {
    done = await runChecks(run);
  }, 2 * DEADLINE);

  test.each(namesIn(programFile(program)))('%s', (name) => {
    const outcome = done.outcomes.find(({ check }) => check === name);
    if (outcome === undefined)
      throw done.problem ?? new Error('The program ended before it came to this check');
    if (outcome.failure !== undefined) throw new Error(outcome.failure);
  });

  test('ends with status 0 and leaves nothing behind', () => {
    if (done.problem) throw done.problem;
  });
}

async function runChecks(
  run: (options: { deadline: number }) => Promise<ProgramResult>,
): Promise<Run> {
  try {
    const result = await run({ deadline: DEADLINE });
    expectStatus(result, 0);
    return { outcomes: outcomesIn(result.stdout) };
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    return { outcomes: outcomesIn(error.stdout), problem: error };
  }
}

function outcomesIn(stdout: string): Outcome[] {
  const lines = stdout.split('\n').filter((line) => line.startsWith('{"check":'));
  return lines.map((line) => JSON.parse(line) as Outcome);
}

/** Names are written once, in the program; jest must know them before the program runs. */
function namesIn(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^ *await check\('([^']+)'/gm)].map(
    ([, name = '']) => name,
  );
}
