import { testChecks } from '../support/checks.js';
import { describeOnEachMpi, layouts, threads } from '../support/layouts.js';

// The source of workers makes no difference, so one layout of each kind is enough.
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
