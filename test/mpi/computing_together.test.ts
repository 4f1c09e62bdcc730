/** The examples in which processes compute one thing together. Each compares its result with what it must be. */
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { describeOn, describeOnEachMpi } from '../support/layouts.js';
import { expectStatus, runProgram } from '../support/program.js';

describeOnEachMpi('examples/conjugate_gradient.mjs', ({ run }) => {
  test('has the workers of a pool solve one equation, as a sequential run does', async () => {
    const result = await run(path.join(root, 'examples/conjugate_gradient.mjs'), { args: ['40'] });
    expectStatus(result, 0);
    expect(result.stdout).toMatch(/^40×40 points by 2 workers: \d+ iterations/);
    expect(differenceIn(result.stdout)).toBeLessThan(1e-9);
  });
});

for (const mpi of ['openmpi', 'mpich'] as const) {
  describeOn(mpi, `examples/heat.mjs: ${mpi}`, () => {
    test.each([1, 3])('%i ranks cool a plate as the formula says', async (ranks) => {
      const program = path.join(root, 'examples/heat.mjs');
      const result = await runProgram({ mpi, ranks, program, args: ['50', '40'] });
      expectStatus(result, 0);
      expect(result.stdout).toMatch(new RegExp(`^50×50 points, 40 steps on ${ranks} ranks: `));
      expect(differenceIn(result.stdout)).toBeLessThan(1e-12);
    });
  });
}

/** The number behind "largest …:". */
function differenceIn(text: string): number {
  return Number(/^largest .*: (\S+)$/m.exec(text)?.[1]);
}
