import { testChecks } from '../support/checks.js';
import { describeOnEachMpi } from '../support/layouts.js';

describeOnEachMpi('getCommWorkers', ({ run }) => {
  testChecks('comm_workers.mjs', (options) => run('comm_workers.mjs', options));
});
