/** `mpi-futures doctor`: what works here, what does not, and what to do about it. */

import { launcher } from '../../addon/launcher.js';
import { packageVersion } from '../../package_files.js';
import { findingsOfFacts, findingsOfTrials } from './diagnosis.js';
import { parseSubcommand } from '../subcommand_options.js';
import { CommandLineError } from '../usage.js';
import { gatherFacts, type Facts } from './facts.js';
import type { Finding } from './finding.js';
import { tasksOfSilentSrun } from './findings/launcher.js';
import { mostWorkers } from './findings/slots.js';
import { commandLines } from './findings/ways.js';
import { runTrials, tryHere, type Trial, type WayThere } from './trials.js';
import { conclusion, textOf } from './report_text.js';

/** Seconds for each trial. */
const defaultTimeout = 30;
const longestTimeout = 3600;

/**
 * Prints the report, once for all ranks: on rank 0. Returns the exit status: 0 if a pool works in some way, else 1.
 *
 * @throws {CommandLineError}
 */
export async function doctor(args: readonly string[]): Promise<number> {
  const { json, timeout } = parseOptions(args);
  if (!isSpeaker()) {
    await takePart(timeout);
    return 0;
  }
  const facts = await gatherFacts(Math.min(timeout, 10_000));
  const ofFacts = findingsOfFacts(facts);
  // MPI may end the whole job, so the facts are printed first.
  if (!json) process.stdout.write(`mpi-futures ${packageVersion()}\n${textOf(ofFacts)}`);
  const trials = tasksOfSilentSrun(facts) > 0 ? [] : await runTrials(facts, timeout);
  const ofTrials = findingsOfTrials(facts, trials);
  const findings = [...ofFacts, ...ofTrials];
  const ways = waysOf(trials, facts);
  const usable = ways.some(({ works }) => works) && !findings.some(isFatal);
  if (json) {
    const document = { version: packageVersion(), usable, ways, findings };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else process.stdout.write(`${textOf(ofTrials)}${conclusion(ways, usable)}`);
  return usable ? 0 : 1;
}

function waysOf(trials: readonly Trial[], facts: Facts): WayThere[] {
  return trials.map((trial) => {
    const { way, mpi, works } = trial;
    return { command: commandLines[way], mpi, works, workers: mostWorkers(trial, facts) };
  });
}

/** True if no pool can work: Node.js is too old, or a variable has a wrong value. */
function isFatal({ id, level }: Finding): boolean {
  return level === 'error' && (id === 'node' || id === 'variables');
}

function parseOptions(args: readonly string[]): { json: boolean; timeout: number } {
  const { values } = parseSubcommand('doctor', {
    args: [...args],
    options: { json: { type: 'boolean' }, timeout: { type: 'string' } },
  });
  const seconds = Number(values.timeout ?? defaultTimeout);
  if (seconds > 0 && seconds <= longestTimeout)
    return { json: values.json ?? false, timeout: seconds * 1000 };
  throw new CommandLineError(
    `Expected seconds for --timeout, at most ${longestTimeout}, but received '${values.timeout ?? ''}'`,
    'doctor',
  );
}

function isSpeaker(): boolean {
  const { SLURM_PROCID } = process.env;
  if (tasksOfSilentSrun({ launcher, environment: process.env }) > 0) return SLURM_PROCID === '0';
  return launcher.rank === 0;
}

/** Starts MPI on the other ranks, because MPI starts on all ranks or on none. */
async function takePart(timeout: number): Promise<void> {
  if (launcher.size > 0) await tryHere(timeout, process.env);
}
