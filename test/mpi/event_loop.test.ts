import { testChecks } from '../support/checks.js';
import { describeOnEachLayout } from '../support/layouts.js';

const ways = { 'by shared memory': {}, 'through MPI': { MPI_FUTURES_SHARED_MEMORY: '0' } };

for (const [way, env] of Object.entries(ways)) {
  describeOnEachLayout(`the program's event loop, results ${way}`, ({ run }) => {
    testChecks('event_loop.mjs', (options) => run('event_loop.mjs', { ...options, env }));
  });
}
