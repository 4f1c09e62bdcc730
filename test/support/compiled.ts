/** Small libraries of test/native, compiled for one MPI: what is preloaded into programs, or loaded by them. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findMpicc } from '../../scripts/mpi_compiler.mjs';
import { root } from '../../scripts/paths.mjs';
import { capture } from '../../scripts/programs.mjs';
import type { Mpi } from './program.js';

/** Compiles `source` on each call; what it makes is gone after the tests of the file. */
export function nativeCompiler(): (source: string, mpi: Mpi) => string {
  const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-native-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  return (source, mpi) => {
    const file = path.join(folder, `${path.parse(source).name}.${mpi}.node`);
    const { ok, output } = capture(findMpicc(mpi) ?? 'mpicc', [
      ...['-shared', '-fPIC', '-O1', '-o', file],
      ...[path.join(root, 'test/native', source), '-ldl'],
    ]);
    if (!ok) throw new Error(output);
    return file;
  };
}
