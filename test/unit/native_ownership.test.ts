import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';

const folder = path.join(root, 'native');

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /\.(cc|h)$/.test(file),
);

/** CONTRIBUTING.md says so; `= delete` is no such thing. */
test.each(files)('%s: whatever is owned has an owner', (file) => {
  const code = readFileSync(path.join(folder, file), 'utf8')
    .replace(/\/\/.*$/gm, '')
    .replace(/"(\\.|[^"\\\n])*"/g, '""');
  expect(code.match(/^.*\bnew\b(?!>).*$/gm)).toBeNull();
  expect(code.replace(/= delete;/g, '').match(/^.*\bdelete\b.*$/gm)).toBeNull();
  if (file === 'system/file_descriptor.h') return; // the owner of file descriptors
  expect(code.match(/^.*((?<!void |[.>\w:])close|(?<!\w)::close)\(.*$/gm)).toBeNull();
});
