/** README's first program, on each MPI and in each way to start it, as an ordinary user: all other tests in a root run as root. */

import { ScriptError } from '../main.mjs';
import { asUser, firstProgramOfReadme, printedByReadme, waysToStart } from './installation.mjs';
import { today } from './results.mjs';
import { projectInRoot } from './root.mjs';

/** @typedef {import('./results.mjs').Cell} Cell */

const ways = waysToStart(['node', `${projectInRoot}/dist/cli/main.js`]);

const directory = `${projectInRoot}/build/user`;

/**
 * @param {import('./root.mjs').Root} root in which the package is built
 * @param {{ suite: string, list: string, node: string, versions: Record<string, string> }} of
 * @param {string[]} withNode what puts that Node.js in front of PATH
 * @returns {Promise<Cell[]>}
 */
export async function testAsUser(root, { versions, ...of }, withNode) {
  await run(['sh', '-c', 'id user || useradd --create-home user']);
  root.write(`${directory}/app.mjs`, firstProgramOfReadme());
  const node = await run([...withNode, 'sh', '-c', 'command -v node']);
  const path = `${node
    .trim()
    .split('\n')
    .at(-1)
    ?.replace(/\/node$/, '')}:/usr/bin:/bin`;
  /** @type {Cell[]} */
  const cells = [];
  for (const { mpi, layout, command } of ways) {
    const env = { HOME: '/home/user', MPI_FUTURES_MPI: mpi };
    const whole = [...asUser, 'env', `PATH=${path}`, ...command];
    const { status, output } = await root.run(whole, { directory, env, deadline: 120_000 });
    const passed = status === 0 && output === printedByReadme;
    const title = `as an ordinary user: ${mpi} ${layout}: ${command.join(' ')}`;
    const failures = passed ? [] : [{ title, message: `status ${status}: ${output}` }];
    cells.push({
      ...of,
      date: today(),
      mpi: versions[mpi] ?? mpi,
      layout: `${layout}, as a user`,
      passed: Number(passed),
      skipped: [],
      failures,
    });
  }
  return cells;

  /** @param {string[]} command */
  async function run(command) {
    const { status, output } = await root.run(command, { deadline: 120_000 });
    if (status === 0) return output;
    throw new ScriptError(`${command.join(' ')} failed:\n${output.slice(-3000)}`);
  }
}
