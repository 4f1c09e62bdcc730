#!/usr/bin/env node
/** The command mpi-futures. */

import { readFileSync } from 'node:fs';

import { UsageError } from '../errors.js';
import { launcher } from '../addon/launcher.js';
import { packageFile } from '../package_files.js';
import { build } from './build.js';
import { parseCommandLine, type Command } from './command_line.js';
import { doctor } from './doctor/doctor.js';
import { report } from './report/report.js';
import { ownCommand } from './own_copy.js';
import { watchOwnOutput } from './own_output.js';
import { launchProgram, prepareProgram } from './program.js';
import { pages, usageError } from './usage.js';

let start: (() => unknown) | undefined;
try {
  const command = parseCommandLine(process.argv.slice(2));
  start = (await ownCommand(command)) ?? (await obey(command));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  usageError(error);
}
// Outside of the try block: errors of the program are its own.
await start?.();

async function obey(command: Command): Promise<(() => void) | undefined> {
  if (command.kind !== 'launch' && command.kind !== 'program') watchOwnOutput();
  switch (command.kind) {
    case 'help':
      say(pages[command.of]);
      return undefined;
    case 'version':
      say(`${version()}\n`);
      return undefined;
    case 'build':
      process.exitCode = await build(command.args);
      return undefined;
    case 'doctor':
      process.exitCode = await doctor(command.args);
      return undefined;
    case 'report':
      process.exitCode = report(command.args);
      return undefined;
    case 'launch':
      await launchProgram(command);
      return undefined;
    case 'program':
      return prepareProgram(command);
  }
}

/** Prints a text once for all ranks. */
function say(text: string): void {
  if (launcher.rank === 0) process.stdout.write(text);
}

function version(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}
