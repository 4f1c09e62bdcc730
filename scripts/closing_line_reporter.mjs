import fs from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from './paths.mjs';

const MOST_PROGRAMS = 5;
const MOST_LINES = 200;

/**
 * Ends a jest run with one plain line for programs to read: `12 passed, 0 failed, 1 skipped`. What has failed is kept in a
 * file: whoever reads that line only still has the messages. In front of it is the output of programs that have failed: of a
 * run elsewhere there may be no more than what is printed.
 */
export default class ClosingLineReporter {
  #start = new Date().toISOString();
  #file = path.join(root, 'build/failed_tests', `${this.#start}.txt`);
  #messages = '';

  /**
   * @param {unknown} _test
   * @param {import('@jest/reporters').TestResult} result
   */
  onTestResult(_test, { failureMessage, testFilePath }) {
    if (!failureMessage) return;
    const text = `${testFilePath}\n${stripVTControlCharacters(failureMessage)}\n`;
    this.#messages += text;
    fs.mkdirSync(path.dirname(this.#file), { recursive: true });
    fs.appendFileSync(this.#file, text);
  }

  /**
   * @param {unknown} _contexts
   * @param {import('@jest/reporters').AggregatedResult} results
   */
  onRunComplete(_contexts, results) {
    // A file that could not be run at all counts as one failed test.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped`;
    // Jest prints its own summary after every custom reporter.
    process.once('exit', () => {
      if (failed > 0) {
        showFailedPrograms(this.#start, this.#messages);
        console.log(`What has failed: ${this.#file}`);
      }
      console.log(line);
    });
  }
}

/**
 * Those of failed tests: others were to fail.
 * @param {string} start - the name of an older one is less
 * @param {string} messages - a program that a test fails for by itself is named there
 */
function showFailedPrograms(start, messages) {
  const folder = path.join(root, 'build/failed_programs');
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  const files = names
    .filter((name) => name >= start)
    .filter((name) => name.endsWith('-failed.txt') || messages.includes(name))
    .sort();
  for (const name of files.slice(0, MOST_PROGRAMS)) {
    const lines = fs.readFileSync(path.join(folder, name), 'utf8').trimEnd().split('\n');
    const left = Math.max(0, lines.length - MOST_LINES);
    console.log(`\n${name}${left > 0 ? `, without its first ${left} lines` : ''}:`);
    for (const text of lines.slice(left)) console.log(`  | ${text}`);
  }
  const more = files.length - MOST_PROGRAMS;
  if (more > 0) console.log(`\n${more} more in ${folder}`);
}
