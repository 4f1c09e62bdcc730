// Runs CMake by cmake-js, as developers and prebuilds do. Users do not install cmake-js.

import { createRequire } from 'node:module';
import path from 'node:path';
import { definitions } from './cmake.mjs';
import { root } from './paths.mjs';

/**
 * `configure` and `build` one by one: its `compile` starts again after a failure and says everything
 * twice.
 * @type {import('./cmake.mjs').Driver}
 */
export const cmakeJs = {
  configure: (tree, settings) => command('configure', tree, definitions('--CD', settings)),
  build: (tree) => command('build', tree, []),
};

/**
 * @param {'configure' | 'build'} name
 * @param {string} tree
 * @param {string[]} settings
 */
function command(name, tree, settings) {
  const manifest = createRequire(import.meta.url).resolve('cmake-js/package.json');
  const program = path.join(path.dirname(manifest), 'bin', 'cmake-js');
  return [process.execPath, program, name, '--directory', root, '--out', tree, ...settings];
}
