import { testChecks } from '../support/checks.js';
import { describeOnEachMpi, layouts, threads } from '../support/layouts.js';

// Where workers come from makes no difference to it: one layout of each kind.
const [spawned, shared] = [true, false].map((spawns) =>
  layouts.find((each) => each.spawns === spawns)!,
);

describeOnEachMpi(
  'what has been given away is not kept',
  ({ run }) => {
    testChecks('kept.mjs', (options) => run('kept.mjs', options));
  },
  [spawned!, shared!, threads],
);
