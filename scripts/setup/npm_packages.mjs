import fs from 'node:fs';
import path from 'node:path';
import { cleanEnvironment } from '../mpi_environment.mjs';
import { root } from '../paths.mjs';
import { runOrThrow } from '../programs.mjs';
import { contents, fingerprintOf } from './stamp.mjs';

/** @type {import('../setup.mjs').Step} */
export const npmPackages = {
  name: 'npm-packages',

  fingerprint: () => fingerprintOf(contents(['package-lock.json'])),

  isThere: () => fs.existsSync(path.join(root, 'node_modules', '.package-lock.json')),

  run(announce) {
    announce('npm packages');
    // NODE_ENV=production would leave out the compiler.
    runOrThrow('npm', ['ci', '--include=dev', '--prefix', root], cleanEnvironment());
  },
};
