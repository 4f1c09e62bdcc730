/**
 * Many checks in one run of a program, each a test of its own: starting an MPI job takes longer than most checks. The
 * program makes them with `check(name, body)` of test/programs/check.mjs. What it prints of them and what is written in
 * it must agree: a check that nobody knows, that is made twice or that was never reached fails the last test.
 */

import { readFileSync } from 'node:fs';
import { checkNamesIn } from './check_names.js';
import { programFile } from './layouts.js';
import { expectStatus, keepOutput, type ProgramResult } from './program.js';
import { ProgramError, UnexpectedEndError } from './run.js';

const DEADLINE = 600_000;

/** The output of test/programs/check.mjs. */
interface Outcome {
  check: string;
  ok: boolean;
  failure?: string;
  /** Why it was not made. */
  skipped?: string;
}

interface Run {
  /** The checks that the program came to. */
  outcomes: readonly Outcome[];
  /** The fault of the run itself: it hung, left something behind, or did not end with status 0. */
  problem?: Error;
}

/** Makes a test of each check in `program`, and one of its end. Call it inside `describe`. */
export function testChecks(
  program: string,
  run: (options: { deadline: number }) => Promise<ProgramResult>,
): void {
  const names = checkNames(program);
  let done: Run;
  beforeAll(async () => {
    done = await runChecks(run, names);
  }, 2 * DEADLINE);

  test.each(names)('%s', (name) => {
    const outcome = done.outcomes.find(({ check }) => check === name);
    if (outcome === undefined) throw done.problem!;
    if (!outcome.ok) throw new Error(outcome.failure);
  });

  test('ends with status 0, leaves nothing behind, and has made exactly these checks', () => {
    if (done.problem) throw done.problem;
    expectOutcomes(done.outcomes, names);
  });
}

/** Within one test: the checks that `programs` have made are all of theirs, each once, and right. */
export function expectChecks(stdout: string, ...programs: readonly string[]): void {
  expectOutcomes(outcomesIn(stdout), programs.flatMap(checkNames));
}

function expectOutcomes(outcomes: readonly Outcome[], names: readonly string[]): void {
  expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
  expect(outcomes.map(({ check }) => check)).toEqual(names);
}

function checkNames(program: string): string[] {
  const file = programFile(program);
  return checkNamesIn(readFileSync(file, 'utf8'), file);
}

function outcomesIn(stdout: string): Outcome[] {
  const lines = stdout.split('\n').filter((line) => line.startsWith('{"check":'));
  return lines.map((line) => JSON.parse(line) as Outcome);
}

async function runChecks(
  run: (options: { deadline: number }) => Promise<ProgramResult>,
  names: readonly string[],
): Promise<Run> {
  try {
    const result = await run({ deadline: DEADLINE });
    expectStatus(result, 0);
    const outcomes = outcomesIn(result.stdout);
    for (const { check, skipped } of outcomes)
      if (skipped !== undefined) console.warn(`Skipped: ${check}: ${skipped}`);
    const missed = names.find((name) => !outcomes.some(({ check }) => check === name));
    if (outcomes.some(({ ok }) => !ok)) keepOutput(`${names[0]!} …`, result);
    if (missed === undefined) return { outcomes };
    // A launcher may report 0 of a program that has failed.
    throw new UnexpectedEndError(`Ended before it came to: ${missed}`, result);
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    return { outcomes: outcomesIn(error.stdout), problem: error };
  }
}
