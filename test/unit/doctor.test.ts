/** The doctor's findings on machines that are not this one. */

import { findingsOfFacts, findingsOfTrials } from '../../lib/cli/doctor/diagnosis.js';
import type { Facts } from '../../lib/cli/doctor/facts.js';
import type { Finding, FindingId } from '../../lib/cli/doctor/finding.js';
import { parseLibrary } from '../../lib/cli/doctor/findings/library.js';
import { whose } from '../../lib/cli/find_mpiexecs.js';
import { parseReport, probeMark } from '../../lib/cli/doctor/probe_report.js';
import { conclusion } from '../../lib/cli/doctor/report_text.js';
import type { Trial } from '../../lib/cli/doctor/trials.js';

const facts: Facts = {
  nodeVersion: '22.12.0',
  platform: 'linux',
  environment: {},
  hostname: 'here',
  user: 1000,
  cores: 4,
  ptraceScope: 0,
  launcher: { implementation: null, size: 0, rank: 0 },
  srunPlugin: undefined,
  addons: [{ implementation: 'openmpi', file: '/openmpi.node', exists: true, isPrebuilt: false }],
  mpiexecs: [{ paths: ['/usr/bin/mpiexec'], implementation: 'openmpi', version: '4.1.4' }],
};

const spawned: Trial = {
  way: 'spawned',
  mpi: 'openmpi',
  addon: '/openmpi.node',
  report: {
    implementation: 'openmpi',
    library: 'Open MPI v4.1.4, package: Debian OpenMPI',
    threadLevel: 3,
    universeSize: 4,
    worldSize: 1,
    defaultWorkers: 3,
    workers: 1,
    milliseconds: 500,
  },
  works: true,
  failure: '',
};

function find(id: FindingId, changes: Partial<Facts>): Finding | undefined {
  return findingsOfFacts({ ...facts, ...changes }).find((finding) => finding.id === id);
}

function findInTrial(id: FindingId, trial: Partial<Trial>, changes: Partial<Facts> = {}) {
  const findings = findingsOfTrials({ ...facts, ...changes }, [{ ...spawned, ...trial }]);
  return findings.filter((finding) => finding.id === id);
}

describe('what is seen without MPI', () => {
  test('all is well: nothing to warn of', () => {
    const levels = [...findingsOfFacts(facts), ...findingsOfTrials(facts, [spawned])].map(
      ({ level }) => level,
    );
    expect(levels).not.toContain('warning');
    expect(levels).not.toContain('error');
  });

  test('an old Node.js', () => {
    expect(find('node', { nodeVersion: '20.18.3' })).toMatchObject({ level: 'error' });
    expect(find('node', { nodeVersion: '20.19.0' })).toMatchObject({ level: 'ok' });
  });

  test('a variable that nobody reads, with the one that was meant', () => {
    const environment = { MPI_FUTURES_MAXWORKERS: '4' };
    const found = find('variables', { environment });
    expect(found).toMatchObject({
      level: 'warning',
      advice: 'Did you mean MPI_FUTURES_MAX_WORKERS?',
    });
  });

  test.each([
    ['MPI_FUTURES_MAX_WORKERS', '0'],
    ['MPI_FUTURES_MPI', 'lam'],
    ['MPI_FUTURES_THREAD_LEVEL', 'many'],
    ['MPI_FUTURES_BACKOFF', 'soon'],
    ['MPI_FUTURES_BOOT_TIMEOUT', 'late'],
  ])('%s=%s is an error', (name, word) => {
    expect(find('variables', { environment: { [name]: word } })).toMatchObject({ level: 'error' });
  });

  test.each(['OUT_OF_BAND', 'PEER_MEMORY', 'SHARED_MEMORY', 'INSPECT'])(
    'MPI_FUTURES_%s, of which programs ignore what they do not know, is no error',
    (name) => {
      const environment = { [`MPI_FUTURES_${name}`]: 'perhaps' };
      expect(find('variables', { environment })).toMatchObject({ level: 'warning' });
    },
  );

  test('root under Open MPI, allowed or not', () => {
    const allowed = { OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' };
    expect(find('root', { user: 0 })?.advice).toMatch('OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1');
    expect(find('root', { user: 0, environment: allowed })).toMatchObject({ level: 'note' });
    expect(find('root', { user: 0, mpiexecs: [] })).toMatchObject({ level: 'note' });
  });

  test('memory of other processes that may not be read', () => {
    expect(find('peer-memory', { ptraceScope: 1 })).toMatchObject({ level: 'ok' });
    expect(find('peer-memory', { ptraceScope: 2 })?.text).toMatch('ptrace_scope = 2');
    const environment = { MPI_FUTURES_SHARED_MEMORY: '0' };
    expect(find('peer-memory', { environment })?.text).toMatch(/^Tasks and large buffers travel/);
  });

  test('no mpiexec, one without addon, one of another MPI', () => {
    expect(find('mpiexec', { mpiexecs: [] })?.advice).toMatch('openmpi-bin');
    const mpich = [{ paths: ['/mpiexec'], implementation: 'mpich', version: '4.2' }] as const;
    expect(find('mpiexec', { mpiexecs: mpich })?.advice).toMatch('mpi-futures build');
    const other = [{ paths: ['/mpiexec'], implementation: null, version: '' }] as const;
    expect(find('mpiexec', { mpiexecs: other })?.text).toMatch('does not know');
  });

  test('srun without --mpi', () => {
    const environment = { SLURM_JOB_ID: '7', SLURM_STEP_ID: '0', SLURM_STEP_NUM_TASKS: '4' };
    const found = find('launcher', { environment });
    expect(found).toMatchObject({ level: 'error' });
    expect(found?.advice).toMatch(/--mpi=pmix.*--mpi=pmi2/);
  });

  test.each([
    [
      { SLURM_JOB_ID: '7', SLURM_JOB_NODELIST: 'n[1-2]', SLURM_NTASKS: '8' },
      'Slurm: n[1-2], 8 tasks',
    ],
    [{ PBS_JOBID: '7.pbs', PBS_NODEFILE: '/nodes' }, 'PBS: hosts in /nodes'],
    [{ LSB_JOBID: '7', LSB_MCPU_HOSTS: 'a 4 b 4' }, 'LSF: a 4 b 4'],
    [{ OMPI_MCA_orte_default_hostfile: '/hosts' }, 'OMPI_MCA_orte_default_hostfile=/hosts'],
    [{}, 'start on here'],
  ])('hosts of %j', (environment, text) => {
    expect(find('hosts', { environment })?.text).toMatch(text);
  });
});

describe('what trials show', () => {
  test('a prebuilt addon is told, and one whose MPI is not installed is no fault', () => {
    const prebuilt = {
      implementation: 'mpich',
      file: '/m.node',
      exists: true,
      isPrebuilt: true,
    } as const;
    const error = { code: 'ERR_MPI_NOT_FOUND', message: 'No MPICH was found on this machine' };
    const missing: Trial = {
      ...spawned,
      way: 'alone',
      mpi: 'mpich',
      addon: '/m.node',
      report: { error },
      works: false,
    };
    const all = { ...facts, addons: [{ ...facts.addons[0]!, isPrebuilt: true }, prebuilt] };
    const found = findingsOfTrials(all, [
      { ...spawned, way: 'alone', report: { ...spawned.report, isPrebuilt: true } },
      missing,
    ]);
    expect(found.filter(({ id }) => id === 'addon')).toMatchObject([
      { level: 'ok', text: expect.stringContaining('prebuilt') },
      { level: 'note', text: 'MPICH is not installed; there is a prebuilt addon for it' },
    ]);
    const elsewhere = { ...spawned.report, addon: '/prebuilt/by/me.node', isPrebuilt: false };
    const [own] = findingsOfTrials(facts, [{ ...spawned, report: elsewhere }]);
    expect(own!.text).not.toMatch('in the package');
    const alone = findingsOfTrials({ ...all, addons: [prebuilt] }, [missing]);
    expect(alone.find(({ id }) => id === 'addon')).toMatchObject({ level: 'error' });
  });

  test('the number of workers, and why', () => {
    expect(findInTrial('slots', {})[0]?.text).toMatch('3 workers: universe size 4 less 1 running');
    const environment = { MPI_FUTURES_MAX_WORKERS: '2' };
    expect(findInTrial('slots', {}, { environment })[0]?.text).toMatch(
      '2 workers: MPI_FUTURES_MAX_WORKERS; the universe size, 4, does not count',
    );
  });

  test('fewer slots than workers, unless that is allowed', () => {
    const environment = { MPI_FUTURES_MAX_WORKERS: '16' };
    const [, warning] = findInTrial('slots', {}, { environment });
    expect(warning?.advice).toMatch('--host <hostname>:17');
    const allowed = { ...environment, OMPI_MCA_rmaps_base_oversubscribe: '1' };
    expect(findInTrial('slots', {}, { environment: allowed })).toHaveLength(1);
  });

  test('how many workers there is room for', () => {
    const words = ({ text }: Finding) => /room for .*|as many .*/.exec(text)?.[0];
    expect(findInTrial('spawned', {}).map(words)).toEqual(['room for 3 workers']);
    const report = { ...spawned.report, universeSize: 2, worldSize: 2 };
    expect(findInTrial('static', { way: 'static', report }).map(words)).toEqual([
      'room for 1 worker',
    ]);
    const asMany = ['as many workers as are asked for'];
    expect(findInTrial('alone', { way: 'alone', report }).map(words)).toEqual(asMany);
    const environment = { OMPI_MCA_rmaps_base_oversubscribe: '1' };
    expect(findInTrial('spawned', {}, { environment }).map(words)).toEqual(asMany);
    const way = { command: 'mpiexec -n 1 node app.js', mpi: 'openmpi', works: true, workers: 1 };
    expect(conclusion([way], true)).toMatch('node app.js  (openmpi): room for 1 worker\n');
  });

  test('fewer cores than processes', () => {
    expect(findInTrial('cores', {}, { cores: 2 })[0]?.text).toMatch('4 processes for 2 cores');
    expect(findInTrial('cores', {})).toEqual([]);
  });

  test('a mpiexec of another version than the library', () => {
    const mpiexecs = [
      { paths: ['/opt/mpiexec'], implementation: 'openmpi', version: '5.0.7' },
    ] as const;
    expect(findInTrial('library', {}, { mpiexecs })[0]?.text).toMatch(
      '/opt/mpiexec is of version 5.0.7',
    );
  });

  test('a thread level below SERIALIZED', () => {
    const report = { ...spawned.report, threadLevel: 1 };
    expect(findInTrial('thread-level', { report })[0]).toMatchObject({ level: 'warning' });
  });

  test('a mpiexec that starts nothing', () => {
    const failure =
      'The process ended with status 1: mpiexec has detected an attempt to run as root.';
    const trial = { report: {}, works: false, failure } as const;
    const [found] = findInTrial('spawned', trial);
    expect(found).toMatchObject({ level: 'warning', text: expect.stringContaining(failure) });
    expect(found?.advice).toMatch('OMPI_ALLOW_RUN_AS_ROOT=1');
  });

  test('an Open MPI whose daemon is not on PATH', () => {
    const failure = 'ORTE_ERROR_LOG: Unable to start a daemon on the local node in file';
    const [found] = findInTrial('alone', { way: 'alone', works: false, failure });
    expect(found?.advice).toMatch(/orted.*PATH/);
  });

  test('no way is called broken that works but for a wrong variable', () => {
    const way = { command: 'node app.js', mpi: 'openmpi', works: true, workers: null };
    expect(conclusion([way], false)).toMatch('until the errors above are corrected');
    expect(conclusion([{ ...way, works: false }], false)).toMatch('ThreadPoolExecutor does');
  });

  test('an MPICH that cannot spawn: what to do instead', () => {
    const report = {
      ...spawned.report,
      implementation: 'mpich',
      library: 'MPICH Version:\t4.0.2\nMPICH Device:\tch4:ucx\n',
      canSpawn: false,
      error: { code: 'ERR_SPAWN', message: '' },
    } as const;
    const [found] = findInTrial('spawned', { mpi: 'mpich', works: false, report });
    expect(found?.advice).toMatch(/mpiexec -n N mpi-futures app\.js.*ch3 or ch4:ofi/);
  });

  test('an MPICH over UCX that says it can, where it has started this process', () => {
    const library = 'MPICH Version:\t5.0.2\nMPICH Device:\tch4:ucx\n';
    const report = { ...spawned.report, implementation: 'mpich', library } as const;
    const launcher = { implementation: 'mpich', size: 1, rank: 0 } as const;
    const here = (canSpawn: boolean) =>
      findInTrial(
        'here',
        { way: 'here', mpi: 'mpich', report: { ...report, canSpawn } },
        { launcher },
      );
    expect(here(true)).toMatchObject([{ level: 'ok', text: expect.stringMatching('spawns') as string }]); // prettier-ignore
    expect(here(false)).toMatchObject([{ level: 'warning' }]);
  });
});

describe('texts of MPIs', () => {
  test.each([
    ['mpiexec.openmpi (OpenRTE) 4.1.4\n\nReport bugs to', 'openmpi', '4.1.4'],
    ['mpiexec (Open MPI) 5.0.7\n', 'openmpi', '5.0.7'],
    ['mpirun (PRRTE) 3.0.8', 'openmpi', '3.0.8'],
    [
      'HYDRA build details:\n    Version:                                 4.0.2\n',
      'mpich',
      '4.0.2',
    ],
    ['Intel(R) MPI Library for Linux* OS, Version 2021.10 Build 20230619', 'mpich', '2021.10'],
    ['usage: something else', null, ''],
  ])('mpiexec --version: %j', (text, implementation, version) => {
    expect(whose(text)).toEqual({ implementation, version });
  });

  test('MPI_Get_library_version', () => {
    expect(parseLibrary('Open MPI v4.1.4, package: Debian')).toEqual({
      version: '4.1.4',
      device: '',
    });
    expect(parseLibrary('MPICH Version:      4.0.2\nMPICH Device:       ch4:ucx\n')).toEqual({
      version: '4.0.2',
      device: 'ch4:ucx',
    });
  });

  test('the parts of a report, between other lines, the last one cut off', () => {
    const lines = [
      'noise',
      `${probeMark}{"worldSize":1}`,
      `x${probeMark}{"workers":1}`,
      `${probeMark}{"mill`,
    ];
    expect(parseReport(lines.join('\n'))).toEqual({ worldSize: 1, workers: 1 });
  });
});
