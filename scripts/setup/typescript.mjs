import fs from 'node:fs';
import path from 'node:path';
import { root } from '../paths.mjs';
import { runOrThrow } from '../programs.mjs';
import { replaceDirectory } from './replace_directory.mjs';
import { contents, fingerprintOf } from './stamp.mjs';

const dist = path.join(root, 'dist');
const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');

/** @type {import('../setup.mjs').Step} */
export const typescript = {
  name: 'typescript',

  fingerprint: () =>
    fingerprintOf(contents(['lib', 'tsconfig.json', 'scripts/bundle.mjs', 'package-lock.json'])),

  isThere: () => fs.existsSync(path.join(dist, 'entry', 'index.js')),

  run(announce) {
    announce('TypeScript');
    replaceDirectory(dist, (fresh) => {
      runOrThrow(process.execPath, [tsc, '--project', root, '--outDir', fresh]); // types
      runOrThrow(process.execPath, [path.join(root, 'scripts', 'bundle.mjs'), fresh]);
    });
  },
};
