/** The behaviour that users of concurrent.futures and mpi4py.futures rely on: docs/guide/mpi4py.md names these checks. */

import { testChecks } from '../support/checks.js';
import { describeOnEachLayout, describeOnEachMpi, layouts } from '../support/layouts.js';

const programs = {
  'waiting for futures': 'waiting.mjs',
  cancellation: 'cancellation.mjs',
  'maps at their limits': 'map_limits.mjs',
  'endless inputs': 'endless_inputs.mjs',
  'many executors': 'executors.mjs',
  statistics: 'statistics.mjs',
};

for (const [name, program] of Object.entries(programs)) {
  describeOnEachLayout(name, ({ run }) => {
    testChecks(program, (options) => run(program, options));
  });
}

describeOnEachMpi('options of workers', ({ run }) => {
  testChecks('worker_options.mjs', (options) => run('worker_options.mjs', options));
});

describeOnEachMpi(
  'executors that share workers',
  ({ run }) => {
    testChecks('fairness.mjs', (options) => run('fairness.mjs', options));
  },
  layouts.filter(({ spawns }) => !spawns),
);
