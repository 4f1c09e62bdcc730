/** Findings about the variables MPI_FUTURES_…: what those that are set do, and which names are unknown. */

import { closestName } from '../../../closest_name.js';
import { implementations } from '../../../addon/implementation.js';
import { inspectForms, parseInspectedWorker } from '../../../pool/inspected_worker.js';
import type { Facts } from '../facts.js';
import { finding, type Finding } from '../finding.js';

const prefix = 'MPI_FUTURES_';
const yesOrNo = /^(true|yes|on|y|1|false|no|off|n|0)$/i;

interface Variable {
  readonly does: string;
  readonly accepts: RegExp | ((word: string) => boolean);
  readonly expected: string;
  /** True if any other word means the default, and is not an error. */
  readonly isLenient?: true;
}

const variables: Readonly<Record<string, Variable>> = {
  MAX_WORKERS: {
    does: 'the number of workers to spawn where the program does not say; the universe size does not count then',
    accepts: (word) => Number.isSafeInteger(Number(word)) && Number(word) > 0,
    expected: 'a positive integer',
  },
  MPI: {
    does: 'the MPI to use',
    accepts: new RegExp(`^(${implementations.join('|')})$`),
    expected: implementations.join(' or '),
  },
  ADDON: { does: 'the addon to load', accepts: () => true, expected: 'a path' },
  THREAD_LEVEL: {
    does: 'the thread level that MPI is asked for',
    accepts: /^(single|funneled|serialized|multiple)$/i,
    expected: 'single, funneled, serialized or multiple',
  },
  BOOT_TIMEOUT: {
    does: 'the default of the option bootTimeout, in milliseconds, also for the ranks of mpiexec',
    accepts: (word) => Number(word) >= 0,
    expected: 'a number of milliseconds',
  },
  BACKOFF: {
    does: 'the default of the option backoff, in milliseconds',
    accepts: (word) => Number(word) >= 0,
    expected: 'a number of milliseconds',
  },
  OUT_OF_BAND: {
    does: 'the default of the option outOfBand',
    accepts: yesOrNo,
    expected: 'true or false',
    isLenient: true,
  },
  PROGRESS: {
    does: 'the default of the option progress of map: true shows each map on stderr',
    accepts: yesOrNo,
    expected: 'true or false',
    isLenient: true,
  },
  TRACE: {
    does: 'the file to which the program writes what its workers do, and when',
    accepts: () => true,
    expected: 'a path',
  },
  INSPECT: {
    does: 'the rank of the worker that opens its debugger, in each pool of the program',
    accepts: (word) => parseInspectedWorker(word) !== undefined,
    expected: inspectForms,
    isLenient: true,
  },
  PEER_MEMORY: {
    does: 'off: large buffers go through MPI also on one host',
    accepts: yesOrNo,
    expected: 'on or off',
    isLenient: true,
  },
  ISOLATE: {
    does: 'the default of the option isolate',
    accepts: yesOrNo,
    expected: 'true or false',
    isLenient: true,
  },
  RESIGN: {
    does: '0: MPI_Finalize is called even where MPICH may hang in it',
    accepts: yesOrNo,
    expected: '0 or 1',
    isLenient: true,
  },
  SHARED_MEMORY: {
    does: '0: processes of one host act as if on different ones',
    accepts: yesOrNo,
    expected: '0 or 1',
    isLenient: true,
  },
};

/** Variables that `mpi-futures -n N` itself sets for the processes that it starts. */
const internal = ['STARTER', 'INPUT', 'COLUMNS'];

/** Reports the variables of this package that are set: wrong values, and unknown names. */
export function variableFindings({ environment }: Facts): Finding[] {
  return Object.keys(environment)
    .filter((name) => name.toUpperCase().startsWith(prefix) && environment[name] !== '')
    .sort()
    .flatMap((name) => describe(name, environment[name] ?? ''));
}

function describe(name: string, word: string): Finding[] {
  const known = Object.keys(variables).map((rest) => prefix + rest);
  const rest = name.slice(prefix.length);
  if (name.startsWith(prefix) && internal.includes(rest)) return [];
  const variable = name.startsWith(prefix) ? variables[rest] : undefined;
  const setting = `${name}=${word}`;
  if (variable === undefined) {
    const meant = closestName(name, known);
    const advice = meant === undefined ? `Known are ${known.join(', ')}` : `Did you mean ${meant}?`;
    return [finding('variables', 'warning', `${setting}: there is no such variable`, advice)];
  }
  const { accepts, does, expected, isLenient } = variable;
  const isFine = typeof accepts === 'function' ? accepts(word) : accepts.test(word);
  if (isFine) return [finding('variables', 'note', `${setting}: ${does}`)];
  return [
    finding(
      'variables',
      isLenient === true ? 'warning' : 'error',
      `${setting}: expected ${expected}`,
      `Correct or unset ${name}`,
    ),
  ];
}
