import { existsSync } from 'node:fs';
import { testChecks } from '../support/checks.js';
import { describeOnEachMpi, layouts, threads } from '../support/layouts.js';
import { skipped } from '../support/unless.js';

// Not what `enabled` says in it, not even `never`: that decides what the kernel gives, and not what it lets programs ask for.
const settings = '/sys/kernel/mm/transparent_hugepage';
const [spawned, , mpich] = layouts;

if (!existsSync(settings)) {
  skipped('huge pages for large buffers', `there is no ${settings}`);
} else {
  describeOnEachMpi(
    'huge pages for large buffers',
    ({ run }) => {
      testChecks('huge_pages.mjs', (options) => run('huge_pages.mjs', options));
    },
    [spawned!, mpich!, threads],
  );
}
