/** Where there is no ssh, as in most containers. On one host none is needed. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { majorOfOpenMpi } from '../../scripts/mpi_environment.mjs';
import { describeOn, LAUNCHER, programFile } from '../support/layouts.js';
import { linkPrograms } from '../support/packed_app.js';
import { expectStatus, runProgram } from '../support/program.js';
import { testUnless } from '../support/unless.js';

const MPI_FUTURES_MPI = 'openmpi';

describeOn('openmpi', 'without ssh', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-path-'));
  let PATH: string;
  beforeAll(() => {
    const needed = majorOfOpenMpi() < 5 ? ['mpiexec.openmpi'] : ['mpiexec.openmpi', 'prte'];
    PATH = linkPrograms(path.join(folder, 'bin'), needed);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('a program that was started without mpiexec spawns workers', async () => {
    const result = await runProgram({
      mpi: null,
      program: programFile('submit.mjs'),
      env: { MPI_FUTURES_MPI, PATH, MPI_FUTURES_MAX_WORKERS: '2' },
    });
    expectStatus(result, 0);
  });

  test('mpi-futures starts ranks', async () => {
    const result = await runProgram({
      mpi: null,
      program: LAUNCHER,
      args: ['-n', '3', programFile('submit.mjs')],
      env: { MPI_FUTURES_MPI, PATH },
    });
    expectStatus(result, 0);
  });
});

const unlessNeeded = majorOfOpenMpi() < 5 ? 'Open MPI 4 does not look for it on PATH' : undefined;

describeOn('openmpi', 'without prte', () => {
  testUnless(unlessNeeded)('a failed spawn says where it is', async () => {
    const result = await runProgram({
      mpi: null,
      program: programFile('spawn_error.mjs'),
      env: { MPI_FUTURES_MPI, PATH: '/nowhere' },
    });
    expect(result.stdout).toMatch(/^ERR_SPAWN: .*prte: add the directory of its mpiexec to PATH$/m);
  });
});
