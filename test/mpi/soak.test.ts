/** What `npm run soak` does for an hour, for some seconds. */

import { testChecks } from '../support/checks.js';
import { describeOnEachMpi, layouts } from '../support/layouts.js';

const seconds = '15';

for (const isolated of ['0', '1'])
  describeOnEachMpi(
    `full load, isolated: ${isolated}`,
    ({ run }) => {
      testChecks('soak.mjs', (options) =>
        run('soak.mjs', {
          ...options,
          env: { MPI_FUTURES_ISOLATE: isolated, MPI_FUTURES_TEST_SECONDS: seconds },
        }),
      );
    },
    layouts.filter(({ name }) => /^(openmpi spawned|mpich static)$/.test(name)),
  );
