import fs from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from './paths.mjs';

/**
 * Ends a jest run with one plain line for programs to read: `12 passed, 0 failed, 1 skipped`. What has failed is kept in a
 * file: whoever reads that line only still has the messages.
 */
export default class ClosingLineReporter {
  #file = path.join(root, 'build/failed_tests', `${new Date().toISOString()}.txt`);

  /**
   * @param {unknown} _test
   * @param {import('@jest/reporters').TestResult} result
   */
  onTestResult(_test, { failureMessage, testFilePath }) {
    if (!failureMessage) return;
    const text = `${testFilePath}\n${stripVTControlCharacters(failureMessage)}\n`;
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
    // Jest's own summary comes after every reporter of ours.
    process.once('exit', () => {
      if (failed > 0) console.log(`What has failed: ${this.#file}`);
      console.log(line);
    });
  }
}
