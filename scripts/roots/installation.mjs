/**
 * `npm run test:roots -- trixie --list install`: the packed package, installed as its users do, where there is an MPI to run
 * programs and nothing to compile them with; README's first program on each MPI, started in each way, with each Node.js.
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ScriptError } from '../main.mjs';
import { MPI_NAMES } from '../mpi_environment.mjs';
import { root as repository } from '../paths.mjs';
import { prebuiltAddons, prebuiltSandboxAddon } from '../prebuilt_variants.mjs';
import { runOrThrow } from '../programs.mjs';
import { setUp } from '../setup.mjs';
import { mpi5Libraries } from './mpi5_libraries.mjs';
import { today } from './results.mjs';

/** @typedef {import('./results.mjs').Cell} Cell */
/** @typedef {import('./root.mjs').Root} Root */
/** @typedef {import('../mpi_environment.mjs').Implementation} Implementation */

/** Each Node.js once and each npm, since one has little to do with the other. npm 12 asks for Node.js 22.22 or newer. */
const PAIRS = [
  { node: '20', npm: '10' },
  { node: '22', npm: '11' },
  { node: '24', npm: '12' },
  { node: '26', npm: '12' },
];

/**
 * prints: another output than that of README's program. libraries: where those with the ABI of MPI 5 are.
 * @typedef {{ mpi: Implementation, layout: string, command: string[], prints?: string, libraries?: string }} Way
 */

/**
 * As README has them.
 *
 * @param {string[]} launcher the command `mpi-futures`
 * @returns {Way[]}
 */
export const waysToStart = (launcher) => [
  { mpi: 'openmpi', layout: 'singleton', command: ['node', 'app.mjs'] },
  { mpi: 'openmpi', layout: 'spawned', command: ['mpiexec.openmpi', '-n', '1', 'node', 'app.mjs'] },
  {
    mpi: 'openmpi',
    layout: 'static',
    command: ['mpiexec.openmpi', '-n', '2', ...launcher, 'app.mjs'],
  },
  { mpi: 'mpich', layout: 'static', command: ['mpiexec.mpich', '-n', '2', ...launcher, 'app.mjs'] },
];

const WAYS = waysToStart(['node_modules/.bin/mpi-futures']);

/** What runs in sandboxes needs no MPI: one of the ways is enough. @type {Way} */
const ISOLATED = {
  mpi: 'openmpi',
  layout: 'singleton, isolated',
  command: ['node', 'isolated.mjs'],
  prints: 'ERR_WORKER_LOST\n42\n',
};

/** What README's first program prints. */
export const printedByReadme = '3\n6\n9\n112\n';

/** Its first task ends the process in which it runs: without a sandbox that would be the worker. */
const isolatedProgram = `import { PoolExecutor, isMain } from 'mpi-futures';

if (isMain) {
  const pool = new PoolExecutor({ maxWorkers: 1, isolate: true });
  await pool.submit(() => process.kill(process.pid, 'SIGKILL')).catch(({ code }) => console.log(code));
  console.log(await pool.submit((x) => x * 2, 21));
  await pool.shutdown();
}
`;

/** The programs and their libraries: what there is to compile with is only recommended by these. */
const systemPackages = 'apt-get install --yes --no-install-recommends openmpi-bin mpich';

const app = '/home/user/app';
/** In front of a command. */
export const asUser = ['setpriv', '--reuid=user', '--regid=user', '--init-groups', '--'];

/** Why this cannot be tested with what is here; undefined where it can. */
export function whyNoInstallation() {
  const made = prebuiltAddons();
  const missing = WAYS.filter(({ mpi }) => made.every(({ abi }) => abi !== mpi));
  const names = missing.map(({ mpi }) => MPI_NAMES[mpi]);
  if (prebuiltSandboxAddon().length === 0) names.push('sandboxes');
  if (names.length === 0) return undefined;
  return `there is no prebuilt addon of ${names[0]}, of the present sources; npm run build:prebuilt makes it`;
}

/** @param {Root} root @param {string} suite @returns {Promise<Cell[]>} */
export async function testInstallation(root, suite) {
  await run(['sh', '-c', `apt-get update && ${systemPackages}`]);
  await run([
    'sh',
    '-c',
    'if command -v cc c++ make cmake || find /usr -name mpi.h | grep .; then exit 1; fi',
  ]);
  await run(['useradd', '--create-home', 'user']);
  await packInto(root);
  root.write(`${app}/package.json`, '{ "name": "app", "version": "1.0.0", "type": "module" }\n');
  root.write(`${app}/app.mjs`, firstProgramOfReadme());
  root.write(`${app}/isolated.mjs`, isolatedProgram);
  const ofMpi5 = await waysOfMpi5(root);
  /** @type {Cell[]} */
  const cells = [];
  for (const pair of PAIRS) cells.push(...(await testPair(pair)));
  return cells;

  /** @param {typeof PAIRS[number]} pair */
  async function testPair(pair) {
    const start = Date.now();
    const packages = [`--package=node@${pair.node}`, `--package=npm@${pair.npm}`];
    const say = 'command -v node && node --version && npm --version';
    const said = await run(['npm', 'exec', '--yes', ...packages, '-c', say]);
    const [, bin = '', node = '', npm = ''] = /^(.+)\/node\nv(.+)\n(.+)\n/m.exec(said) ?? [];
    const withNode = ['env', `PATH=${bin}:/usr/bin:/bin`];
    await run(['rm', '-rf', 'node_modules', 'package-lock.json']);
    await run([...withNode, 'npm', 'install', '../mpi-futures.tgz']);
    await run(['rm', '-r', 'node_modules']);
    await run([...withNode, 'npm', 'ci']);
    const cells = [];
    for (const way of [...WAYS, ISOLATED]) cells.push(await testWay(way, { node, npm, withNode }));
    if (ofMpi5.length > 0) {
      // What is preferred to it.
      const preferred = ['openmpi', 'mpich', 'mpich-debian'].map((name) => `prebuilt/${name}`);
      await run(['sh', '-c', 'cd node_modules/mpi-futures && rm -r "$@"', 'sh', ...preferred]);
      for (const way of ofMpi5) cells.push(await testWay(way, { node, npm, withNode }));
    }
    console.log(
      `${suite}: installed by npm ${npm} and run with Node.js ${node}, ${seconds(start)} s`,
    );
    return cells;
  }

  /**
   * @param {Way} way
   * @param {{ node: string, npm: string, withNode: string[] }} by
   * @returns {Promise<Cell>}
   */
  async function testWay({ mpi, layout, command, prints, libraries }, { node, npm, withNode }) {
    const env = {
      HOME: '/home/user',
      MPI_FUTURES_MPI: mpi,
      ...(libraries && { LD_LIBRARY_PATH: libraries }),
    };
    const whole = [...asUser, ...withNode, ...command];
    const result = await root.run(whole, { directory: app, env, deadline: 120_000 });
    const passed = result.status === 0 && result.output === (prints ?? printedByReadme);
    const name = `${MPI_NAMES[mpi]}${libraries === undefined ? '' : ', ABI of MPI 5'}`;
    const title = `${name}, Node.js ${node}, npm ${npm}, ${suite}: ${command.join(' ')}`;
    if (!passed) console.error(`${title}: status ${result.status}\n${result.output}`);
    const failures = passed ? [] : [{ title, message: result.output }];
    return {
      suite,
      list: 'install',
      date: today(),
      mpi: name,
      layout,
      node,
      passed: Number(passed),
      skipped: [],
      failures,
    };
  }

  /** @param {string[]} command */
  async function run(command) {
    const place = root.read(`${app}/package.json`) === undefined ? '/' : app;
    const { status, output } = await root.run(command, { directory: place, deadline: 600_000 });
    if (status === 0) return output;
    throw new ScriptError(`${command.join(' ')} failed:\n${output.slice(-3000)}`);
  }
}

/**
 * The same ways, where the MPIs have the ABI of MPI 5 too and there is a prebuilt addon for it: one binary for both.
 *
 * @param {Root} root
 * @returns {Promise<Way[]>}
 */
async function waysOfMpi5(root) {
  if (prebuiltAddons().every(({ abi }) => abi !== 'standard')) return [];
  const libraries = await mpi5Libraries(root, '/home/user/mpi5');
  if (libraries === undefined) return [];
  return WAYS.map((way) => ({ ...way, libraries: `${libraries}/${way.mpi}` }));
}

/** @param {Root} root */
async function packInto(root) {
  await setUp();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mpi-futures-package-'));
  try {
    runOrThrow('npm', ['pack', repository, '--ignore-scripts', '--pack-destination', folder]);
    const [name = ''] = fs.readdirSync(folder);
    root.write('/home/user/mpi-futures.tgz', fs.readFileSync(path.join(folder, name)));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** Its text. */
export function firstProgramOfReadme() {
  const readme = fs.readFileSync(path.join(repository, 'README.md'), 'utf8');
  return /^```js\n([^]+?)^```$/m.exec(readme)?.[1] ?? '';
}

/** @param {number} start */
function seconds(start) {
  return ((Date.now() - start) / 1000).toFixed(0);
}
