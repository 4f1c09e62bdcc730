/**
 * Jest's environment for Node.js, with one thing more: hooks that run after a test find `globalThis.testHasFailed`. Jest itself
 * tells them of assertions alone, and not of what was thrown in any other way.
 */

import { TestEnvironment } from 'jest-environment-node';

export default class extends TestEnvironment {
  handleTestEvent({ name }) {
    if (name === 'test_start') this.global.testHasFailed = false;
    else if (name === 'test_fn_failure') this.global.testHasFailed = true;
  }
}
