import { testChecks } from '../support/checks.js';
import { describeOnEachMpi } from '../support/layouts.js';

// Between hosts everything goes through MPI; on one host only if shared memory is switched off.
const ways = {
  'by reading memory': {},
  'through MPI, its packets by a ring': { MPI_FUTURES_PEER_MEMORY: 'off' },
  'through MPI': { MPI_FUTURES_SHARED_MEMORY: '0' },
};

for (const [way, env] of Object.entries(ways)) {
  describeOnEachMpi(`bulk data ${way}`, ({ run }) => {
    testChecks('bulk.mjs', (options) => run('bulk.mjs', { ...options, env }));
  });
}
