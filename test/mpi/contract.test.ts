/** What users of concurrent.futures and mpi4py.futures rely on: docs/mpi4py.md names these checks. */

import { testChecks } from '../support/checks.js';
import { describeOnEachMpi, layouts } from '../support/layouts.js';

const programs = {
  'waiting for futures': 'waiting.mjs',
  cancellation: 'cancellation.mjs',
  'maps at their limits': 'map_limits.mjs',
  'endless inputs': 'endless_inputs.mjs',
  'options of workers': 'worker_options.mjs',
  'many executors': 'executors.mjs',
  statistics: 'statistics.mjs',
};

for (const [name, program] of Object.entries(programs)) {
  describeOnEachMpi(name, ({ run }) => {
    testChecks(program, (options) => run(program, options));
  });
}

describeOnEachMpi(
  'executors that share workers',
  ({ run }) => {
    testChecks('fairness.mjs', (options) => run('fairness.mjs', options));
  },
  layouts.filter(({ spawns }) => !spawns),
);
