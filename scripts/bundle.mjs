// node scripts/bundle.mjs [directory]: bundles the JavaScript of the package into a few files in dist/. A program and its
// workers load it at their start, and Node.js takes a millisecond to find, read and link each file.

import path from 'node:path';
import { rolldown } from 'rolldown';
import { root } from './paths.mjs';

/** The modules that are loaded by their file names: by package.json, by workers, and by the hooks' thread. */
const ENTRIES = [
  'entry/index',
  'entry/mpi',
  'cli/main',
  'cli/run',
  'cli/probe',
  'cli/text_stub',
  'cli/module_redirect_hooks',
  'worker/main',
  'worker/isolation/sandbox',
  'worker/thread',
  'worker/modules/scope_hooks',
  'worker/modules/search_path_hooks',
];

/**
 * Modules that are loaded together are one file: a module, all that it imports, and what these import, unless it is in a file
 * before. A program loads the first three, a worker all of them, all but the first while MPI starts.
 */
const FILES = [
  { name: 'start', of: 'worker/main' },
  { name: 'tasks', of: 'worker/task_loop', sharedWith: 'index' },
  { name: 'executors', of: 'index' },
  { name: 'serving', of: 'worker/serve' },
];

/** @param {string} module */
const source = (module) => path.join(root, 'lib', `${module}.ts`);
const entries = new Set(ENTRIES.map(source));

const bundle = await rolldown({
  cwd: root,
  input: Object.fromEntries(ENTRIES.map((entry) => [entry, source(entry)])),
  platform: 'node',
  external: /^[^./]/,
  preserveEntrySignatures: 'allow-extension',
  resolve: { extensionAlias: { '.js': ['.ts'] } },
  transform: { target: 'node20.19' },
});
/** @type {Map<string, Set<string>>} */
const closures = new Map();
await bundle.write({
  dir: process.argv[2] ?? 'dist',
  format: 'esm',
  entryFileNames: '[name].js',
  // As deep as the folders of the entries, so that paths relative to import.meta.url are right in both.
  chunkFileNames: 'chunks/[name]-[hash].js',
  sourcemap: true,
  comments: false,
  minifyInternalExports: false,
  codeSplitting: {
    includeDependenciesRecursively: false,
    groups: [{ debugName: 'files', name: fileOf }],
  },
});
await bundle.close();

/**
 * The file of a module, or null for one of its own, or shared by those that import it.
 * @param {string} id
 * @param {import('rolldown').ChunkingContext} context
 */
function fileOf(id, context) {
  // index.ts is in no file that the launcher loads: when it runs, it must be known if this process is a worker.
  if (entries.has(id) || id === source('index')) return null;
  if (id.includes('rolldown/runtime')) return 'start';
  const file = FILES.find(
    ({ of, sharedWith }) =>
      closure(of, context).has(id) && (!sharedWith || closure(sharedWith, context).has(id)),
  );
  return file?.name ?? null;
}

/**
 * A module and all that it imports, directly or not.
 * @param {string} module
 * @param {import('rolldown').ChunkingContext} context
 */
function closure(module, context) {
  let found = closures.get(module);
  if (found === undefined) {
    found = new Set([source(module)]);
    for (const id of found) {
      for (const imported of context.getModuleInfo(id)?.importedIds ?? []) found.add(imported);
    }
    closures.set(module, found);
  }
  return found;
}
