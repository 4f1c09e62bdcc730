import { detectLauncher, detectSrunPlugin } from '../../lib/addon/launcher.js';

/** The variables that srun of Slurm 22.05 sets for rank 1 of 4 in an allocation of 8 tasks. */
const step = {
  SLURM_JOB_ID: '7',
  SLURM_NTASKS: '4',
  SLURM_PROCID: '1',
  SLURM_STEP_ID: '0',
  SLURM_STEP_NUM_TASKS: '4',
};
/** The variables of a shell in salloc, or of a script of sbatch. */
const allocation = { SLURM_JOB_ID: '7', SLURM_NTASKS: '8', SLURM_PROCID: '0' };

describe('what started this process', () => {
  test('nothing, for a plain environment', () => {
    expect(detectLauncher({})).toEqual({ implementation: null, size: 0, rank: 0 });
  });

  test('mpiexec of Open MPI', () => {
    const environment = {
      OMPI_COMM_WORLD_SIZE: '3',
      OMPI_COMM_WORLD_RANK: '2',
      PMIX_RANK: '2',
    };
    expect(detectLauncher(environment)).toEqual({ implementation: 'openmpi', size: 3, rank: 2 });
  });

  test('mpiexec of MPICH', () => {
    const environment = { PMI_SIZE: '3', PMI_RANK: '2', PMI_FD: '9' };
    expect(detectLauncher(environment)).toEqual({ implementation: 'mpich', size: 3, rank: 2 });
  });
});

/** The variables of a process that `flux run -n 4` has started, without those that its option `pmi` adds. */
const flux = {
  FLUX_JOB_ID: 'f2dfGBD8',
  FLUX_JOB_SIZE: '4',
  FLUX_JOB_NNODES: '1',
  FLUX_TASK_RANK: '3',
  FLUX_TASK_LOCAL_ID: '3',
  FLUX_KVS_NAMESPACE: 'job-76319555584',
};
const fluxSimple = { ...flux, PMI_FD: '15', PMI_RANK: '3', PMI_SIZE: '4' };
/** HPE's PALS, as `mpiexec -n 4` of a Cray EX. */
const pals = {
  PALS_APID: '8f5b6f5c-8f3c-4c8b-a6f2-5c2b9c0d4a11',
  PALS_APINFO: '/var/run/palsd/8f5b6f5c/apinfo',
  PALS_LOCAL_RANKID: '1',
  PALS_NODEID: '0',
  PALS_RANKID: '1',
  PALS_SPOOL_DIR: '/var/run/palsd/8f5b6f5c',
  PMI_CONTROL_PORT: '11998',
  PMI_JOBID: '8f5b6f5c-8f3c-4c8b-a6f2-5c2b9c0d4a11',
  PMI_LOCAL_RANK: '1',
  PMI_LOCAL_SIZE: '4',
  PMI_RANK: '1',
  PMI_SIZE: '4',
};
/** hydra 4.0.2. */
const hydra = {
  HYDI_CONTROL_FD: '8',
  MPI_LOCALNRANKS: '3',
  MPI_LOCALRANKID: '2',
  PMI_FD: '9',
  PMI_RANK: '2',
  PMI_SIZE: '3',
};
/** The prterun of Open MPI 5, which its mpiexec is. */
const prrte = {
  OMPI_COMM_WORLD_LOCAL_RANK: '1',
  OMPI_COMM_WORLD_LOCAL_SIZE: '2',
  OMPI_COMM_WORLD_RANK: '1',
  OMPI_COMM_WORLD_SIZE: '2',
  PMIX_NAMESPACE: 'prterun-node1-4711@1',
  PMIX_RANK: '1',
  PRTE_LAUNCHED: '1',
};

describe('launchers of other projects', () => {
  test.each([
    ['Flux serves either MPI', fluxSimple, { implementation: null, size: 4, rank: 3 }],
    [
      'Flux with -o pmi=pmix',
      { ...flux, PMIX_RANK: '3' },
      { implementation: null, size: 4, rank: 3 },
    ],
    ['Flux in an allocation of Slurm', { ...step, ...fluxSimple, PMIX_RANK: '3' }, { implementation: null, size: 4, rank: 3 }], // prettier-ignore
    ['PALS is that of a relative of MPICH', pals, { implementation: 'mpich', size: 4, rank: 1 }],
    ['PALS with PMIx', { ...pals, PMIX_RANK: '1' }, { implementation: null, size: 4, rank: 1 }],
    ['hydra', hydra, { implementation: 'mpich', size: 3, rank: 2 }],
    [
      'hydra in a task of Flux',
      { ...fluxSimple, ...hydra },
      { implementation: 'mpich', size: 3, rank: 2 },
    ],
    ['hydra whose daemons srun --mpi=pmix has started', { ...step, PMIX_RANK: '0', ...hydra }, { implementation: 'mpich', size: 3, rank: 2 }], // prettier-ignore
    ['PRRTE of Open MPI 5', prrte, { implementation: 'openmpi', size: 2, rank: 1 }],
    ['PRRTE in a task of Flux', { ...fluxSimple, ...prrte }, { implementation: 'openmpi', size: 2, rank: 1 }], // prettier-ignore
  ])('%s', (_, environment, expected) => {
    expect(detectLauncher(environment)).toEqual(expected);
  });

  test.each([
    ['Flux', fluxSimple],
    ['Flux with PMIx', { ...flux, PMIX_RANK: '3' }],
    ['PALS', pals],
    ['srun --mpi=pmi2', { ...step, PMI_FD: '11', PMI_RANK: '1', PMI_SIZE: '4' }],
  ])('MPI_FUTURES_MPI wins over what %s is taken for', (_, environment) => {
    for (const implementation of ['openmpi', 'mpich'])
      expect(detectLauncher({ ...environment, MPI_FUTURES_MPI: implementation })).toMatchObject({
        implementation,
        size: 4,
      });
  });

  test.each([
    ['hydra', hydra, 'openmpi', 'mpich'],
    ['Open MPI', prrte, 'mpich', 'openmpi'],
  ])('what started it is no guess under %s', (_, environment, MPI_FUTURES_MPI, implementation) => {
    expect(detectLauncher({ ...environment, MPI_FUTURES_MPI }).implementation).toBe(implementation);
  });
});

describe('under Slurm', () => {
  test('srun --mpi=pmix serves either MPI', () => {
    const environment = { ...step, SLURM_MPI_TYPE: 'pmix', PMIX_RANK: '1' };
    expect(detectLauncher(environment)).toEqual({ implementation: null, size: 4, rank: 1 });
    expect(detectSrunPlugin(environment)).toBe('pmix');
  });

  test('srun --mpi=pmix in a larger allocation: the step counts', () => {
    const environment = { ...step, SLURM_NTASKS: '8', PMIX_RANK: '1' };
    expect(detectLauncher(environment).size).toBe(4);
  });

  test('srun --mpi=pmix with only SLURM_NTASKS', () => {
    const environment = { SLURM_NTASKS: '4', PMIX_RANK: '1' };
    expect(detectLauncher(environment)).toEqual({ implementation: null, size: 4, rank: 1 });
  });

  test('srun --mpi=pmi2 is for MPICH', () => {
    const environment = {
      ...step,
      SLURM_MPI_TYPE: 'pmi2',
      PMI_FD: '11',
      PMI_JOBID: '7.0',
      PMI_RANK: '1',
      PMI_SIZE: '4',
    };
    expect(detectLauncher(environment)).toEqual({ implementation: 'mpich', size: 4, rank: 1 });
    expect(detectSrunPlugin(environment)).toBe('pmi2');
  });

  test('the mpiexec of MPICH, whose daemons srun has started, is no srun', () => {
    const environment = {
      ...step,
      PMI_RANK: '0',
      PMI_SIZE: '2',
      PMI_FD: '9',
      HYDI_CONTROL_FD: '8',
    };
    expect(detectLauncher(environment)).toEqual({ implementation: 'mpich', size: 2, rank: 0 });
    expect(detectSrunPlugin(environment)).toBeUndefined();
  });

  test('the mpiexec of Open MPI in an allocation is no srun', () => {
    const environment = { ...allocation, OMPI_COMM_WORLD_SIZE: '8', OMPI_COMM_WORLD_RANK: '3' };
    expect(detectLauncher(environment)).toEqual({ implementation: 'openmpi', size: 8, rank: 3 });
    expect(detectSrunPlugin(environment)).toBeUndefined();
  });

  test.each([
    ['node app.js in salloc or sbatch', allocation],
    ['srun without --mpi', step],
  ])('%s has no launcher', (_, environment) => {
    expect(detectLauncher(environment)).toEqual({ implementation: null, size: 0, rank: 0 });
    expect(detectSrunPlugin(environment)).toBeUndefined();
  });
});
