import path from 'node:path';
import { canMpichSpawn } from '../../scripts/mpi_environment.mjs';
import { availableMpis, describeOn, LAUNCHER, programFile } from '../support/layouts.js';
import { expectStatus, runProgram, type Mpi, type ProgramOptions } from '../support/program.js';

interface Diagnosis {
  version: string;
  usable: boolean;
  ways: { command: string; mpi: Mpi | null; works: boolean; workers: number | null }[];
  findings: { id: string; mpi: Mpi | null; level: string; text: string; advice: string | null }[];
}

const missing = { MPI_FUTURES_ADDON: path.resolve('/no/such/addon.node') };

const doctor = (options: Omit<ProgramOptions, 'program'> = {}) =>
  runProgram({
    ...options,
    program: LAUNCHER,
    args: ['doctor', ...(options.args ?? [])],
  });

async function diagnose(status: number, options: Omit<ProgramOptions, 'program'> = {}) {
  const result = await doctor({ ...options, args: ['--json', ...(options.args ?? [])] });
  expectStatus(result, status);
  return JSON.parse(result.stdout) as Diagnosis;
}

function levels({ findings }: Diagnosis, id: string): string[] {
  return findings.filter((finding) => finding.id === id).map(({ level }) => level);
}

describe('mpi-futures doctor, without mpiexec', () => {
  test('tries every way there is, as JSON', async () => {
    const mpis = availableMpis();
    const { usable, ways, findings } = await diagnose(mpis.length > 0 ? 0 : 1);
    expect(usable).toBe(mpis.length > 0);
    const worksWith = (command: string) =>
      ways.filter((way) => way.works && way.command.startsWith(command)).map(({ mpi }) => mpi);
    const spawning = mpis.filter((mpi) => mpi === 'openmpi' || canMpichSpawn());
    expect(worksWith('mpiexec -n N mpi-futures')).toEqual(mpis);
    expect(worksWith('mpiexec -n 1 node')).toEqual(spawning);
    expect(worksWith('node')).toEqual(mpis.filter((mpi) => mpi === 'openmpi'));
    for (const { level, advice } of findings) {
      if (level === 'warning' && mpis.length > 1) expect(advice).not.toBeNull();
    }
  });

  test('how many workers each way can have, where nothing allows more processes than slots', async () => {
    const env = {
      OMPI_MCA_rmaps_base_oversubscribe: undefined,
      PRTE_MCA_rmaps_default_mapping_policy: undefined,
      PRTE_MCA_mapby: undefined,
      OMPI_MCA_orte_set_default_slots: '2',
      PRTE_MCA_prte_set_default_slots: '2',
    };
    const mpis = availableMpis();
    const { ways } = await diagnose(mpis.length > 0 ? 0 : 1, { env });
    const working = ways.filter(({ works }) => works);
    expect(working.map(({ mpi, command, workers }) => [mpi, command, workers])).toEqual(
      expect.arrayContaining([
        ...(mpis.includes('openmpi')
          ? [
              ['openmpi', 'node app.js', null],
              ['openmpi', 'mpiexec -n 1 node app.js', 1],
              ['openmpi', 'mpiexec -n N mpi-futures app.js', 1],
            ]
          : []),
        ...(mpis.includes('mpich') ? [['mpich', 'mpiexec -n N mpi-futures app.js', null]] : []),
      ]),
    );
  });

  test('an addon that is not there: nothing works, and why', async () => {
    const diagnosis = await diagnose(1, { env: missing });
    expect(diagnosis.usable).toBe(false);
    const found = diagnosis.findings.find(({ id }) => id === 'addon');
    expect(found?.text).toMatch(missing.MPI_FUTURES_ADDON);
    expect(found?.advice).toMatch('unset MPI_FUTURES_ADDON');
  });

  test('as text: one line for a finding, and what to do', async () => {
    const env = { ...missing, MPI_FUTURES_MAXWORKERS: '2' };
    const result = await doctor({ env });
    expectStatus(result, 1);
    expect(result.stdout).toMatch(
      /^warning +variables +MPI_FUTURES_MAXWORKERS=2: .*\n +→ Did you mean/m,
    );
    expect(result.stdout).toMatch(/^error +addon +.*no\/such\/addon/m);
    expect(result.stdout).toMatch(/\nNo pool of MPI processes works here/);
  });

  test('an MPI that hangs at its start is given up', async () => {
    const env = { MPI_FUTURES_ADDON: programFile('hanging_addon.cjs') };
    const diagnosis = await diagnose(1, { env, args: ['--timeout', '2'] });
    const found = diagnosis.findings.find(({ id }) => id === 'alone');
    expect(found?.text).toMatch(/took longer than 2 s/);
  });

  test('an option that it does not know', async () => {
    const result = await doctor({ args: ['--jsno'] });
    expectStatus(result, 1);
    expect(result.stderr).toMatch("'--jsno'");
  });
});

for (const [mpi, other] of [
  ['openmpi', 'mpich'],
  ['mpich', 'openmpi'],
] as const) {
  describeOn(mpi, `mpi-futures doctor, under the mpiexec of ${mpi}`, () => {
    test('speaks once, of this job', async () => {
      const diagnosis = await diagnose(0, { mpi, ranks: 2 });
      expect(diagnosis.ways).toEqual([{ command: 'this launcher', mpi, works: true, workers: 1 }]);
      expect(levels(diagnosis, 'here')).toEqual(['ok']);
      const here = diagnosis.findings.find(({ id }) => id === 'here');
      expect(here?.text).toMatch('connects 2 processes: mpi-futures app.js has 1 worker here');
    });

    test(`with MPI_FUTURES_MPI=${other}: an error, and which MPI to use`, async () => {
      const diagnosis = await diagnose(1, { mpi, ranks: 2, env: { MPI_FUTURES_MPI: other } });
      expect(diagnosis.usable).toBe(false);
      const here = diagnosis.findings.find(({ id }) => id === 'here');
      expect(here).toMatchObject({ level: 'error' });
      expect(here?.text).toMatch(`MPI_FUTURES_MPI=${mpi}`);
    });
  });
}
