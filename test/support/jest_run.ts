/** A run of jest inside a test: as a program, so that what fails in it does not fail here. */

import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { runProgram, type ProgramOptions } from './program.js';

export interface JestTest {
  ancestorTitles: string[];
  title: string;
  status: string;
}

interface Report {
  testResults: { message: string; assertionResults: JestTest[] }[];
}

/** All tests of the run, what jest says of each file that did not pass, and stderr. */
export async function runJest(
  options: Omit<ProgramOptions, 'program'>,
  processes = 1,
): Promise<{ status: number | null; tests: JestTest[]; messages: string; stderr: string }> {
  const ofProcesses = processes === 1 ? ['-i'] : ['-w', String(processes)];
  const { status, stdout, stderr } = await runProgram({
    ...options,
    program: path.join(root, 'node_modules/jest/bin/jest.js'),
    args: [...(options.args ?? []), '--json', ...ofProcesses],
    env: { CI: '1', ...options.env },
  });
  const report = stdout.split('\n').find((line) => line.startsWith('{"num'));
  if (report === undefined) throw new Error(`jest has printed no report: ${stdout}${stderr}`);
  const { testResults } = JSON.parse(report) as Report;
  return {
    status,
    tests: testResults.flatMap(({ assertionResults }) => assertionResults),
    messages: testResults.map(({ message }) => message).join(''),
    stderr,
  };
}
