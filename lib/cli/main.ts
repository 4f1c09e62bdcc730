#!/usr/bin/env node
/** The command mpi-futures. */

import { existsSync } from 'node:fs';
import Module from 'node:module';
import { resolve } from 'node:path';

import { launcher } from '../mpi/launcher.js';
import { build } from './build.js';
import { doctor } from './doctor/doctor.js';
import { startRanks } from './ranks.js';
import { usage, usageError } from './usage.js';

await main(process.argv.slice(2));

async function main([first, ...rest]: string[]): Promise<void> {
  switch (first) {
    case undefined:
      usageError('Expected a program to run');
      break;
    case '-h':
    case '--help':
      process.stdout.write(usage);
      break;
    case 'build':
      process.exitCode = await build(rest);
      break;
    case 'doctor':
      process.exitCode = await doctor(rest);
      break;
    default:
      if (first.startsWith('-')) usageError(`Unknown option: ${first}`);
      else await runProgram(first);
  }
}

/** Runs `file` as the main module of rank 0; the other ranks serve it. */
async function runProgram(file: string): Promise<void> {
  const path = resolve(file);
  if (!existsSync(path)) {
    usageError(`Path does not exist: ${file}`);
    return;
  }
  if (launcher.size === 0) {
    usageError(`Expected to be started by mpiexec: mpiexec -n N mpi-futures ${file}`);
    return;
  }
  await startRanks();
  process.argv.splice(1, 2, path);
  // The way Node.js itself starts a program, so that it is the main module in every respect.
  (Module as unknown as { runMain(): void }).runMain();
}
