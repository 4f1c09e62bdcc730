/** Starts MPI and a pool in every way that is available here, since nothing else shows whether they work. */

import type { Implementation } from '../../addon/implementation.js';
import { isPmiConnected } from '../../addon/launcher.js';
import { packageFile } from '../../package_files.js';
import { runChild, type ChildResult } from '../child.js';
import type { FoundAddon, Facts } from './facts.js';
import { parseReport, type ProbeReport } from './probe_report.js';

/** `alone`: node app.js; `spawned`: mpiexec -n 1 node app.js; `static`: mpiexec -n 2 mpi-futures app.js; `here`: as this process. */
export type Way = 'alone' | 'spawned' | 'static' | 'here';

/** The result of trying one way to start a program. */
export interface Trial {
  readonly way: Way;
  /** null: the addon could not be loaded, and only the addon knows. */
  readonly mpi: Implementation | null;
  readonly addon: string;
  readonly report: ProbeReport;
  /** True if all steps were finished and the process ended with status 0. */
  readonly works: boolean;
  /** A sentence about the step that failed; empty if none did. */
  readonly failure: string;
}

/** One way to start a program, in the format of --json. */
export interface WayThere {
  readonly command: string;
  readonly mpi: string | null;
  readonly works: boolean;
  /** The largest number of workers that there are slots for; null: as many as are asked for, or unknown. */
  readonly workers: number | null;
}

const probe = packageFile('dist/cli/probe.js');
const command = packageFile('dist/cli/main.js');

/**
 * Runs all trials, one after another for each MPI.
 *
 * @param deadline - milliseconds for each trial
 */
export async function runTrials(facts: Facts, deadline: number): Promise<Trial[]> {
  const { launcher, environment } = facts;
  if (launcher.size > 0) return [await tryHere(deadline, environment)];
  const { MPI_FUTURES_MPI: chosen } = environment;
  const addons = facts.addons.filter(
    ({ implementation, exists }) =>
      exists && (!chosen || implementation === null || implementation === chosen),
  );
  const trials = await Promise.all(addons.map((addon) => tryAddon(addon, facts, deadline)));
  return trials.flat();
}

/**
 * Tries the launcher that has started this process: its child belongs to the same launcher. All ranks do so at the same
 * time.
 */
export function tryHere(deadline: number, environment: NodeJS.ProcessEnv): Promise<Trial> {
  const { PMI_FD } = environment;
  const passing = PMI_FD !== undefined && isPmiConnected(environment) ? Number(PMI_FD) : undefined;
  return tryWay('here', null, '', [process.execPath, probe, 'start'], {
    deadline,
    env: environment,
    passing,
  });
}

async function tryAddon(
  { implementation, file }: FoundAddon,
  { environment, mpiexecs }: Facts,
  deadline: number,
): Promise<Trial[]> {
  const env =
    implementation === null ? environment : { ...environment, MPI_FUTURES_MPI: implementation };
  const options = { deadline, env };
  const pool = [probe, 'pool', String(Math.round(deadline * 0.8))];
  const node = [process.execPath, ...process.execArgv];
  const alone = await tryWay('alone', implementation, file, [...node, ...pool], options);
  const mpi = alone.report.implementation ?? implementation;
  // Without a library, mpiexec would only show the same failure again.
  if (alone.report.library === undefined) return [alone];
  const mpiexec = mpiexecs.find((found) => found.implementation === mpi && mpi !== null)?.paths[0];
  if (mpiexec === undefined) return [alone];
  const spawned = [mpiexec, '-n', '1', ...node, ...pool];
  const together = [mpiexec, '-n', '2', ...node, command, ...pool];
  return [
    alone,
    await tryWay('spawned', mpi, file, spawned, options),
    await tryWay('static', mpi, file, together, options),
  ];
}

async function tryWay(
  way: Way,
  implementation: Implementation | null,
  addon: string,
  [file = '', ...args]: readonly string[],
  options: Parameters<typeof runChild>[2],
): Promise<Trial> {
  const result = await runChild(file, args, options);
  const report = parseReport(result.stdout);
  const done = way === 'here' ? report.worldSize !== undefined : report.workers !== undefined;
  const works = done && report.error === undefined && result.status === 0;
  const failure = works ? '' : failureOf(result, report, options.deadline);
  return { way, mpi: report.implementation ?? implementation, addon, report, works, failure };
}

function failureOf(
  { late, status, signal, stderr }: ChildResult,
  { error, library, worldSize }: ProbeReport,
  deadline: number,
): string {
  if (error !== undefined) return error.message;
  if (late) {
    const where =
      library === undefined
        ? 'The start'
        : worldSize === undefined
          ? 'MPI_Init'
          : 'MPI, after its start,';
    return `${where} took longer than ${deadline / 1000} s, and was ended`;
  }
  const end = signal === null ? `ended with status ${String(status)}` : `was ended by ${signal}`;
  const said = firstLines(stderr);
  return `The process ${end}${said === '' ? '' : `: ${said}`}`;
}

/** The first lines of a text, without the dashed lines that Open MPI prints around its texts. */
function firstLines(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const words = lines.filter((line) => /\w/.test(line));
  const said = words.slice(0, 3).join(' ');
  return said.length > 300 ? `${said.slice(0, 300)} …` : said;
}
