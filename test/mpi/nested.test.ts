import { testChecks } from '../support/checks.js';
import { describeOnEachLayout } from '../support/layouts.js';

describeOnEachLayout('pools that tasks have', ({ run, spawns }) => {
  testChecks('nested.mjs', (options) =>
    run('nested.mjs', { ...options, args: [spawns ? 'spawns' : 'is a thread'] }),
  );
});
