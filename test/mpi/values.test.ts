import { testChecks } from '../support/checks.js';
import { describeOnEachMpi } from '../support/layouts.js';

for (const program of ['value_table.mjs', 'value_table.cjs']) {
  describeOnEachMpi(`values sent by ${program}`, ({ run }) => {
    testChecks('values/check_table.cjs', (options) => run(program, options));
  });
}
