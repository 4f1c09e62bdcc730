// dist/: the JavaScript of the package, in a few files. A program and its workers start with it, and Node.js takes a
// millisecond for each file it has to find, read and link.

import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import esbuild from 'esbuild';
import { root } from './paths.mjs';

/** What is loaded by its file name: by package.json, by workers, and by the hooks' thread. */
const ENTRIES = [
  'index',
  'communicators/index',
  'cli/main',
  'cli/run',
  'cli/probe',
  'cli/text',
  'cli/detour_hooks',
  'worker/main',
  'worker/thread',
  'worker/door_hooks',
  'worker/search_path_hooks',
];

const chunks = path.join(root, 'dist/chunks');
const earlier = list(chunks);

const { metafile } = await esbuild.build({
  absWorkingDir: root,
  entryPoints: ENTRIES.map((entry) => path.join('lib', `${entry}.ts`)),
  outdir: 'dist',
  outbase: 'lib',
  bundle: true,
  splitting: true,
  // As deep as the entries' folders: what is found relative to import.meta.url is found from either.
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  sourcemap: true,
  keepNames: false,
  metafile: true,
  logLevel: 'warning',
});

// Those of earlier builds; after the new ones are there, for a program may be running.
const written = new Set(Object.keys(metafile.outputs).map((file) => path.basename(file)));
for (const file of earlier) if (!written.has(file)) rmSync(path.join(chunks, file));

/** @param {string} directory */
function list(directory) {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
