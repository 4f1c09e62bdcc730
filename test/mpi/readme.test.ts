import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { describeOnEachMpi } from '../support/layouts.js';
import { expectStatus } from '../support/program.js';

// Inside the package, where it is found by its own name, and where git does not look.
const folder = path.join(root, 'build/readme');
const program = path.join(folder, 'app.mjs');

describeOnEachMpi('the program of the README', ({ run }) => {
  beforeAll(() => {
    const [, code = ''] =
      /```js\n(.+?)```/s.exec(readFileSync(path.join(root, 'README.md'), 'utf8')) ?? [];
    mkdirSync(folder, { recursive: true });
    writeFileSync(program, code);
  });

  test('prints what its comments say', async () => {
    const result = await run(program);
    expectStatus(result, 0);
    expect(result.stdout.trim().split(/\r?\n/)).toEqual(['49', '1', '4', '9']);
  });
});
