import { testChecks } from '../support/checks.js';
import { describeOnEachMpi, layouts, threads } from '../support/layouts.js';

const [spawned, , mpich] = layouts;

describeOnEachMpi(
  'memory',
  ({ run }) =>
    testChecks('memory.mjs', (options) =>
      run('memory.mjs', { ...options, deadline: 600_000, nodeArgs: ['--expose-gc'] }),
    ),
  [spawned!, mpich!, threads],
);
