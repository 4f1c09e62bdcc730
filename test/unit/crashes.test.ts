import { hasCrashed, mpiexecHasCrashed } from '../../scripts/crashes.mjs';

/** As Open MPI 4 prints them. */
const crashOf = (pid: number, program: string, between = '') => `\
[vm:${pid}] *** Process received signal ***
[vm:${pid}] Signal: Segmentation fault (11)
[vm:${pid}] Signal code:  (0)
[vm:${pid}] [ 0] /lib/x86_64-linux-gnu/libc.so.6(+0x3c050)[0x7fca7b751050]
${between}[vm:${pid}] [ 1] /usr/lib/x86_64-linux-gnu/libpmix.so.2(PMIx_server_finalize+0xa)[0x7fca7b914225]
[vm:${pid}] [ 2] ${program}(+0x13b9)[0x55ff2db9c3b9]
[vm:${pid}] *** End of error message ***
`;
const said = 'MPIError: MPI_Isend: MPI_ERR_INTERN\nwas started by /usr/bin/mpiexec.openmpi (+0)\n';

test.each([
  ['nothing', false, ''],
  ['an error', false, said],
  ['mpiexec', false, said + crashOf(1, '/usr/bin/mpiexec.openmpi')],
  ['mpiexec, found in PATH', false, crashOf(1, 'mpiexec.openmpi') + said],
  ['mpiexec, while a rank prints', false, crashOf(1, '/usr/bin/orterun', said)],
  ['a rank', true, crashOf(2, 'node') + said],
  ['a rank, before mpiexec', true, crashOf(2, '/usr/bin/node') + crashOf(1, 'mpiexec.openmpi')],
  ['a rank, behind mpiexec', true, crashOf(1, 'mpiexec.openmpi') + crashOf(2, '/usr/bin/node')],
  ['a rank, while mpiexec does', true, crashOf(1, 'mpiexec', 'terminate called after\n')],
  ['a rank of MPICH', true, '=   EXIT CODE: 139\n'],
])('a crash of %s: %p', (_, crashed, stderr) => {
  expect(hasCrashed(stderr)).toBe(crashed);
});

test('whether mpiexec itself has crashed', () => {
  expect(mpiexecHasCrashed(said + crashOf(2, 'node') + crashOf(1, 'mpiexec.openmpi'))).toBe(true);
  expect(mpiexecHasCrashed(said + crashOf(2, 'node'))).toBe(false);
});
