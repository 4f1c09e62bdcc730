/** Starts new processes for a program: spawn. */

import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { argumentTypeError } from '../argument_errors.js';
import { SpawnError } from '../errors.js';
import type { CommunicatorAddon } from './opened.js';
import { startMpi } from '../addon/mpi_process.js';
import { checkSpawnIsPossible, countSpawned } from '../addon/spawn_checks.js';
import { spawnInTurn } from '../addon/spawn_turn.js';
import {
  validateIterable,
  validateOptions,
  validatePositiveInteger,
  validateString,
} from '../validators.js';
import { validateRoot } from './arguments.js';
import { collective, type Stage } from './collectives/collective.js';
import { Handle } from './handle.js';
import { Info, type InfoLike } from './info.js';
import { oneByOne } from './making.js';

/** Options of `spawn`: where the processes start, and which rank gives the arguments. */
export interface SpawnOptions {
  /** Hints where and how the processes start, such as `{ host: 'node7' }`; each MPI has its own keys. Default: none. */
  readonly info?: InfoLike | undefined;
  /** The rank whose command, arguments, count and info are used. Default: 0. */
  readonly root?: number | undefined;
}

const known = { of: 'spawn', names: ['info', 'root'], synonyms: { mpiInfo: 'info' } };

interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly count: number;
  readonly info: Info;
}

/**
 * Starts `count` processes of `command`, and resolves to the intercommunicator to them. Collective. All errors are
 * rejections.
 *
 * @throws {SpawnError} on all ranks, if MPI cannot spawn; {TypeError | RangeError} for wrong arguments on `root`
 */
export function spawn(
  handle: Handle,
  command: unknown,
  args: unknown,
  count: unknown,
  options: SpawnOptions,
): Promise<Handle> {
  return oneByOne((begins) =>
    collective(handle, 'spawn', () => {
      validateOptions(options, known);
      const { root = 0, info } = options;
      validateRoot(root, handle);
      const isRoot = handle.extent.rank === root;
      const given = isRoot ? commandOf(command, args, count, info) : undefined;
      return {
        terms: { root },
        proceed: async (stage) => {
          await begins;
          return spawnFrom(stage, root, given);
        },
      };
    }),
  );
}

function commandOf(command: unknown, args: unknown, count: unknown, info?: InfoLike): Command {
  validateString(command, 'command');
  if (command === '') throw argumentTypeError('the path or the name of a program', 'command', '');
  validateText(command, 'command');
  if (typeof args === 'string') throw argumentTypeError('an iterable of strings', 'args', args);
  validateIterable(args, 'args', 'texts');
  const texts = [...args];
  texts.forEach((arg, index) => {
    validateString(arg, `argument ${index + 1}`);
    validateText(arg, `argument ${index + 1}`);
  });
  validatePositiveInteger(count, 'count');
  return { command, args: texts as string[], count, info: new Info(info) };
}

/** Rejects a null character, since MPI would use only the text before it. */
function validateText(text: string, name: string): void {
  if (text.includes('\0')) throw argumentTypeError('a string without null characters', name, text);
}

async function spawnFrom(stage: Stage, root: number, given?: Command): Promise<Handle> {
  const { addon, native } = stage;
  const refusal = await fromRoot(stage, root, given && (await whyNot(addon, given)));
  if (refusal !== '') throw new SpawnError(refusal);
  const { command, args, count, info } = given ?? nothing;
  const made = await spawnInTurn(() =>
    addon.spawnFrom(native.id, root, command, args, count, [...info].flat()),
  );
  if (given !== undefined) countSpawned(made.remoteSize);
  return Handle.of({ addon, native: made });
}

const nothing: Command = { command: '', args: [], count: 1, info: new Info() };

/** Returns why a spawn would fail, since it would usually hang instead. */
async function whyNot(
  addon: CommunicatorAddon,
  { command, count, info }: Command,
): Promise<string> {
  const problem = await addon.problemOfInfo([...info].flat());
  if (problem !== '') return `MPI does not accept this info: ${problem}`;
  const placed = ['host', 'hostfile', 'add-host', 'add-hostfile'].some((key) => info.has(key));
  if (!placed && !info.has('path') && !info.has('wdir') && !isExecutable(command)) {
    return `Expected a program that can be executed but found no ${command}`;
  }
  try {
    await checkSpawnIsPossible(await startMpi(), count, placed);
    return '';
  } catch (error) {
    if (error instanceof SpawnError) return error.message;
    throw error;
  }
}

function isExecutable(command: string): boolean {
  const directories = command.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter);
  return directories.some((directory) => {
    try {
      const file = join(directory, command);
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  });
}

/** Resolves to the text of `root`, on all ranks. */
async function fromRoot(
  {
    addon,
    native,
  }: { readonly addon: CommunicatorAddon; readonly native: { readonly id: number } },
  root: number,
  text: string | undefined,
): Promise<string> {
  const mine = Buffer.from(text ?? '');
  const length = new Float64Array([mine.byteLength]);
  await addon.broadcast(native.id, new Uint8Array(length.buffer), root);
  const bytes = text === undefined ? Buffer.alloc(length[0]!) : mine;
  await addon.broadcast(native.id, bytes, root);
  return bytes.toString();
}
