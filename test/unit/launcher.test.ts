import { detectLauncher, detectSrunPlugin } from '../../lib/mpi/launcher.js';

/** What srun of Slurm 22.05 sets for rank 1 of 4 in an allocation of 8 tasks. */
const step = {
  SLURM_JOB_ID: '7',
  SLURM_NTASKS: '4',
  SLURM_PROCID: '1',
  SLURM_STEP_ID: '0',
  SLURM_STEP_NUM_TASKS: '4',
};
/** What a shell in salloc, or the script of sbatch, has. */
const allocation = { SLURM_JOB_ID: '7', SLURM_NTASKS: '8', SLURM_PROCID: '0' };

describe('what started this process', () => {
  test('nothing, for a plain environment', () => {
    expect(detectLauncher({})).toEqual({ flavor: null, size: 0, rank: 0 });
  });

  test('mpiexec of Open MPI', () => {
    const environment = {
      OMPI_COMM_WORLD_SIZE: '3',
      OMPI_COMM_WORLD_RANK: '2',
      PMIX_RANK: '2',
    };
    expect(detectLauncher(environment)).toEqual({ flavor: 'openmpi', size: 3, rank: 2 });
  });

  test('mpiexec of MPICH', () => {
    const environment = { PMI_SIZE: '3', PMI_RANK: '2', PMI_FD: '9' };
    expect(detectLauncher(environment)).toEqual({ flavor: 'mpich', size: 3, rank: 2 });
  });
});

describe('under Slurm', () => {
  test('srun --mpi=pmix serves either MPI', () => {
    const environment = { ...step, SLURM_MPI_TYPE: 'pmix', PMIX_RANK: '1' };
    expect(detectLauncher(environment)).toEqual({ flavor: null, size: 4, rank: 1 });
    expect(detectSrunPlugin(environment)).toBe('pmix');
  });

  test('srun --mpi=pmix in a larger allocation: the step counts', () => {
    const environment = { ...step, SLURM_NTASKS: '8', PMIX_RANK: '1' };
    expect(detectLauncher(environment).size).toBe(4);
  });

  test('srun --mpi=pmix with only SLURM_NTASKS', () => {
    const environment = { SLURM_NTASKS: '4', PMIX_RANK: '1' };
    expect(detectLauncher(environment)).toEqual({ flavor: null, size: 4, rank: 1 });
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
    expect(detectLauncher(environment)).toEqual({ flavor: 'mpich', size: 4, rank: 1 });
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
    expect(detectLauncher(environment)).toEqual({ flavor: 'mpich', size: 2, rank: 0 });
    expect(detectSrunPlugin(environment)).toBeUndefined();
  });

  test('the mpiexec of Open MPI in an allocation is no srun', () => {
    const environment = { ...allocation, OMPI_COMM_WORLD_SIZE: '8', OMPI_COMM_WORLD_RANK: '3' };
    expect(detectLauncher(environment)).toEqual({ flavor: 'openmpi', size: 8, rank: 3 });
    expect(detectSrunPlugin(environment)).toBeUndefined();
  });

  test.each([
    ['node app.js in salloc or sbatch', allocation],
    ['srun without --mpi', step],
  ])('%s has no launcher', (_, environment) => {
    expect(detectLauncher(environment)).toEqual({ flavor: null, size: 0, rank: 0 });
    expect(detectSrunPlugin(environment)).toBeUndefined();
  });
});
