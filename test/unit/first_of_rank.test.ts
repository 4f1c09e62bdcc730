import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beFirstOfRank, fileOfRank } from '../../lib/addon/first_of_rank.js';

/** Recorded, as far as they are read: Open MPI 4.1.4, 5.0.7 and 6.0.0rc2 under their own mpiexec. */
const orte = {
  OMPI_COMM_WORLD_RANK: '0',
  OMPI_MCA_orte_precondition_transports: 'd5b43eeda587b5bc-ca021f95018523c0',
  PMIX_NAMESPACE: '1906835457',
  PMIX_RANK: '0',
  PMIX_SERVER_TMPDIR: '/tmp/ompi.vm.0/pid.7510',
  PMIX_SERVER_URI2: '1906835456.0;tcp4://127.0.0.1:35643',
  PMIX_SERVER_URI21: '1906835456.0;tcp4://127.0.0.1:35643',
};
const prrte5 = {
  OMPI_COMM_WORLD_RANK: '0',
  PMIX_NAMESPACE: 'prterun-vm-33@1',
  PMIX_RANK: '0',
  PMIX_SERVER_TMPDIR: '/tmp/prterun.vm.33.0',
  PMIX_SERVER_URI2: 'prterun-vm-33@0.0;tcp4://192.0.2.2:33573',
  PMIX_SERVER_URI4: 'prterun-vm-33@0.0;tcp4://192.0.2.2:33573',
};
const prrte6 = {
  OMPI_COMM_WORLD_RANK: '0',
  PMIX_NAMESPACE: 'prterun-vm-32@1',
  PMIX_RANK: '0',
  PMIX_SERVER_TMPDIR: '/tmp/ompi.32',
  PMIX_SERVER_URI61: 'prterun-vm-32@0.0;tcp4://127.0.0.1:53543',
  PMIX_SERVER_URI21: 'prterun-vm-32@0.0;tcp4://127.0.0.1:53543',
};
/** Slurm 22.05, `srun --mpi=pmix`. */
const slurm = {
  PMIX_NAMESPACE: 'slurm.pmix.7.0',
  PMIX_RANK: '0',
  PMIX_SERVER_TMPDIR: '/var/spool/slurmd/pmix.7.0',
  PMIX_SERVER_URI2: 'pmix-server.114;tcp4://127.0.0.1:41227',
};

test('each rank of each job has a file of its own in the folder of its mpiexec', () => {
  expect(fileOfRank(orte)).toBe(
    '/tmp/ompi.vm.0/pid.7510/mpi-futures.d5b43eeda587b5bc-ca021f95018523c0.1906835457.0',
  );
  expect(fileOfRank(prrte5)).toBe('/tmp/prterun.vm.33.0/mpi-futures.33573.prterun-vm-33@1.0');
  expect(fileOfRank(prrte6)).toBe('/tmp/ompi.32/mpi-futures.53543.prterun-vm-32@1.0');
  for (const one of [orte, prrte5, prrte6]) {
    const others = [
      { ...one, PMIX_RANK: '1' },
      { ...one, PMIX_NAMESPACE: `${one.PMIX_NAMESPACE}2` }, // as for spawned workers, or a second job of the same daemon
    ];
    expect(new Set([one, ...others].map(fileOfRank)).size).toBe(3);
  }
});

test('an mpiexec that has the folder, process id and host name of another one has other files', () => {
  const later = { PMIX_SERVER_URI61: 'prterun-vm-32@0.0;tcp4://127.0.0.1:53544' };
  expect(fileOfRank({ ...prrte6, ...later, PMIX_SERVER_URI21: undefined })).not.toBe(
    fileOfRank(prrte6),
  );
  const number = { OMPI_MCA_orte_precondition_transports: '0-1' };
  expect(fileOfRank({ ...orte, ...number })).not.toBe(fileOfRank(orte));
});

test('other launchers, and programs without one, have none', () => {
  expect(fileOfRank({})).toBeUndefined();
  expect(fileOfRank(slurm)).toBeUndefined();
  expect(fileOfRank({ ...prrte5, PMIX_SERVER_TMPDIR: undefined })).toBeUndefined();
});

describe('the first of a rank', () => {
  const before = process.env;
  const folder = mkdtempSync(join(tmpdir(), 'mpi-futures-rank-'));
  const locks: string[] = [];
  let holder = 0;
  const addon = {
    lockFile: (file: string) => (locks.push(file), holder),
    takeSocket: () => 0,
  };
  const start = (major: number) => () => {
    beFirstOfRank(addon, { implementation: 'openmpi', major, version: '' });
  };
  const environment = (variables: NodeJS.ProcessEnv) => {
    process.env = { ...before, ...variables, PMIX_SERVER_TMPDIR: folder };
  };
  afterAll(() => {
    process.env = before;
    rmSync(folder, { recursive: true });
  });

  test('is, in Open MPI 5 and later, whoever has the lock', () => {
    environment(prrte5);
    expect(start(5)).not.toThrow();
    expect(locks).toEqual([join(folder, 'mpi-futures.33573.prterun-vm-33@1.0')]);
    holder = 77;
    expect(start(6)).toThrow('another process of rank 0 (process 77)');
    holder = -1;
    expect(start(6)).toThrow('another process of rank 0. A process');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is, in Open MPI 4, whoever was there before, also if it has ended', () => {
    environment({ ...orte, PMIX_RANK: '3' });
    expect(start(4)).not.toThrow();
    expect(start(4)).not.toThrow(); // in another thread of the same process
    const [file = ''] = readdirSync(folder);
    expect(existsSync(join(folder, file))).toBe(true);
    const { pid } = process;
    Object.defineProperty(process, 'pid', { value: 1, configurable: true });
    try {
      expect(start(4)).toThrow(`another process of rank 0 (process ${pid})`);
    } finally {
      Object.defineProperty(process, 'pid', { value: pid, configurable: true });
    }
  });
});
