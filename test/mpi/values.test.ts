import { testChecks } from '../support/checks.js';
import { describeOnEachLayout } from '../support/layouts.js';

for (const program of ['value_table.mjs', 'value_table.cjs']) {
  describeOnEachLayout(`values sent by ${program}`, ({ run }) => {
    testChecks('values/check_table.cjs', (options) => run(program, options));
  });
}
