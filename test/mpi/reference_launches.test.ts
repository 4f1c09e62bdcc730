/** The command lines with which the manual of mpi4py.futures starts its julia.py, with Node.js in the place of Python. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, hostname, tmpdir } from 'node:os';
import path from 'node:path';
import {
  canMpichSpawn,
  majorOfOpenMpi,
  whyMpichCannotSpawn,
} from '../../scripts/mpi_environment.mjs';
import { describeOn, LAUNCHER, programFile, spawningMpichOptions } from '../support/layouts.js';
import {
  expectStatus,
  runProgram,
  type Mpi,
  type ProgramOptions,
  type ProgramResult,
} from '../support/program.js';
import { skipped } from '../support/unless.js';

const program = programFile('worker_count.mjs');
/** Without what the tests allow Open MPI elsewhere. */
const noOversubscription = {
  OMPI_MCA_rmaps_base_oversubscribe: undefined,
  PRTE_MCA_rmaps_default_mapping_policy: undefined,
  PRTE_MCA_mapby: undefined,
};

type Launch = Pick<ProgramOptions, 'mpiexec' | 'mpiexecArgs' | 'env'> & { mpi: Mpi };

/** mpiexec -n 1 … node worker_count.mjs */
async function launchMaster(launch: Launch, attempts = 3): Promise<string> {
  const result = await runProgram({ ...launch, ranks: 1, program });
  if (attempts > 1 && isFaultOfOpenMpi(result)) return launchMaster(launch, attempts - 1);
  expectStatus(result, 0);
  return result.stdout.trim();
}

/** So many workers on so few cores: now and then each of them fails in MPI_Init (docs/guide/known-issues.md). */
function isFaultOfOpenMpi({ stdout, stderr }: ProgramResult): boolean {
  const said = /OPAL ERROR: Not supported in file \S*dpm\.c/;
  return majorOfOpenMpi() >= 5 && stdout.startsWith('ERR_SPAWN') && said.test(stderr);
}

/** mpiexec -n 17 mpi-futures worker_count.mjs */
async function launchAll(launch: Launch): Promise<string> {
  const options = { ranks: 17, program: LAUNCHER, args: [program] };
  const result = await runProgram({ ...launch, ...options });
  expectStatus(result, 0);
  return result.stdout.trim();
}

describeOn('openmpi', 'the launches of the manual: openmpi', () => {
  test('mpiexec -n 1 -host <hostname>:17 node …', async () => {
    const mpiexecArgs = ['-host', `${hostname()}:17`];
    expect(await launchMaster({ mpi: 'openmpi', mpiexecArgs, env: noOversubscription })).toBe(
      '16 workers',
    );
  });

  test('MPI_FUTURES_MAX_WORKERS=16 mpiexec -n 1 node …', async () => {
    const env = { MPI_FUTURES_MAX_WORKERS: '16' };
    expect(await launchMaster({ mpi: 'openmpi', env })).toBe('16 workers');
  });

  describe('more workers than cores', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
    const hosts = path.join(folder, 'hosts');
    beforeAll(() => {
      writeFileSync(hosts, `${hostname()} slots=${availableParallelism() + 2}\n`);
    });
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });
    const variables = {
      4: { OMPI_MCA_rmaps_base_oversubscribe: '1' },
      5: { PRTE_MCA_rmaps_default_mapping_policy: ':oversubscribe' },
      6: { PRTE_MCA_mapby: ':oversubscribe' },
    };
    const variable = variables[majorOfOpenMpi() as keyof typeof variables];

    test.each<[string, string[], ProgramOptions['env']]>([
      ['--oversubscribe', ['--oversubscribe'], {}],
      ['--map-by :OVERSUBSCRIBE', ['--map-by', ':OVERSUBSCRIBE'], {}],
      ['slots of a hostfile', ['--hostfile', hosts], {}],
      ['its variable', [], variable],
    ])('by %s', async (_, mpiexecArgs, more) => {
      const count = availableParallelism() + 1;
      const env = { ...noOversubscription, MPI_FUTURES_MAX_WORKERS: String(count), ...more };
      expect(await launchMaster({ mpi: 'openmpi', mpiexecArgs, env })).toBe(`${count} workers`);
    });
  });

  test('the same with fewer slots: says how many there must be', async () => {
    const env = { MPI_FUTURES_MAX_WORKERS: '16', ...noOversubscription };
    const mpiexecArgs = ['-host', `${hostname()}:2`];
    const result = await runProgram({ mpi: 'openmpi', ranks: 1, mpiexecArgs, env, program });
    // If Open MPI 5 has refused a spawn, its mpiexec ends with a failure, whatever the status of the program.
    if (majorOfOpenMpi() < 5) expectStatus(result, 0);
    expect(result.stdout).toMatch(
      /^ERR_SPAWN: .* 1 free slots .*16 were asked for.*--host <hostname>:17 -n 1/,
    );
  });

  describe('MPI_FUTURES_MAX_WORKERS=3 node … on one core', () => {
    const oneCore = { OMPI_MCA_orte_set_default_slots: '1', PRTE_MCA_prte_set_default_slots: '1' };
    const env = {
      MPI_FUTURES_MPI: 'openmpi',
      MPI_FUTURES_MAX_WORKERS: '3',
      ...noOversubscription,
      ...oneCore,
    };
    const launchAlone = async (more: ProgramOptions['env']) => {
      const result = await runProgram({ mpi: null, program, env: { ...env, ...more } });
      expectStatus(result, 0);
      return result.stdout;
    };

    test('has them: nobody but the program has said how many', async () => {
      expect(await launchAlone({})).toBe('3 workers\n');
    });

    if (majorOfOpenMpi() >= 5) {
      const why = 'Open MPI 5 and later count no slots for a program without mpiexec';
      skipped('slots without mpiexec', why);
      return;
    }

    test.each([
      ['a variable', { OMPI_MCA_rmaps_base_oversubscribe: '0' }],
      ['a batch system', { PBS_NODEFILE: '/no/such/file' }],
    ])('has fewer where %s says so: and what to do', async (_, other) => {
      expect(await launchAlone(other)).toMatch(
        /^ERR_SPAWN: .*slots.*OMPI_MCA_rmaps_base_oversubscribe=1/,
      );
    });
  });

  test('mpiexec -n 17 mpi-futures …', async () => {
    expect(await launchAll({ mpi: 'openmpi' })).toBe('16 workers');
  });
});

/** On the MPICH that is installed, and on one that can spawn, if there is another. */
const mpichs: [string, boolean, Omit<Launch, 'mpi'>][] = [['mpich', canMpichSpawn(), {}]];
if (spawningMpichOptions) mpichs.push(['mpich spawned', true, spawningMpichOptions]);

describe.each(mpichs)('the launches of the manual: %s', (name, spawns, installation) => {
  const mpich: Launch = { mpi: 'mpich', ...installation };
  const launch = (options: Omit<Launch, 'mpi'>) =>
    launchMaster({ ...mpich, ...options, env: { ...installation.env, ...options.env } });
  const sixteen = spawns
    ? /^16 workers$/
    : /^ERR_SPAWN: .*cannot spawn.*16 workers: mpiexec -n 17 mpi-futures /;
  const one = spawns ? /^1 workers$/ : /^ERR_SPAWN: .*1 worker: mpiexec -n 2 mpi-futures /;

  describeOn('mpich', name, () => {
    if (!spawns) console.warn('This MPICH cannot spawn: only what it is asked for is tested');

    test('mpiexec -n 1 -usize 17 node …', async () => {
      expect(await launch({ mpiexecArgs: ['-usize', '17'] })).toMatch(sixteen);
    });

    test('MPIEXEC_UNIVERSE_SIZE=17 mpiexec -n 1 node …', async () => {
      expect(await launch({ env: { MPIEXEC_UNIVERSE_SIZE: '17' } })).toMatch(sixteen);
    });

    test('MPI_FUTURES_MAX_WORKERS=16 mpiexec -n 1 node …, whatever the universe size', async () => {
      const env = { MPI_FUTURES_MAX_WORKERS: '16', MPIEXEC_UNIVERSE_SIZE: '3' };
      expect(await launch({ env })).toMatch(sixteen);
    });

    test('mpiexec -n 1 node …: one worker', async () => {
      expect(await launch({ env: { MPIEXEC_UNIVERSE_SIZE: undefined } })).toMatch(one);
    });

    test('mpiexec -n 17 mpi-futures …', async () => {
      expect(await launchAll(mpich)).toBe('16 workers');
    });
  });
});

describeOn('mpich', 'the launches of the manual: mpich without mpiexec', () => {
  // MPICH would connect to the process manager of Open MPI, and wait for ever.
  test('node …, without mpiexec: says how to start it', async () => {
    const result = await runProgram({ mpi: null, program, env: { MPI_FUTURES_MPI: 'mpich' } });
    expectStatus(result, 0);
    expect(result.stdout).toMatch(/^ERR_SPAWN: .*mpiexec -n 1 node/);
  });
});

describeOn('mpich', 'the launches of the manual: an MPICH that can spawn', () => {
  if (spawningMpichOptions === undefined) {
    skipped('spawned', `${whyMpichCannotSpawn}; node scripts/build_spawning_mpich.mjs`);
    return;
  }
  const installation = spawningMpichOptions;
  const launch = async (options: Omit<Launch, 'mpi'>) => {
    const env = { ...installation.env, ...options.env };
    return launchMaster({ ...options, ...installation, mpi: 'mpich', env });
  };

  test('mpiexec -n 1 -usize 17 node …', async () => {
    expect(await launch({ mpiexecArgs: ['-usize', '17'] })).toBe('16 workers');
  });

  test('MPIEXEC_UNIVERSE_SIZE=17 mpiexec -n 1 node …', async () => {
    expect(await launch({ env: { MPIEXEC_UNIVERSE_SIZE: '17' } })).toBe('16 workers');
  });

  test('MPI_FUTURES_MAX_WORKERS=2 counts, and no universe size', async () => {
    const mpiexecArgs = ['-usize', '17'];
    const variables = { MPI_FUTURES_MAX_WORKERS: '2' };
    expect(await launch({ mpiexecArgs, env: variables })).toBe('2 workers');
  });
});
