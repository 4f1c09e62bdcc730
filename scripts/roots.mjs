// `npm run test:roots [-- trixie sid --list short,starts,hosts,full --node here,20,latest --write]`: runs the tests on the MPIs of
// other Debian releases, each on a fresh system: set-up, the example, then the lists. `--write` writes the results of each list to
// docs/guide/compatibility.md as soon as it has run. `--list install` tests the package as users install it
// (roots/installation.mjs).

import { parseArgs } from 'node:util';
import { runAsProgram, ScriptError } from './main.mjs';
import { capture, findProgram } from './programs.mjs';
import { testInstallation, whyNoInstallation } from './roots/installation.mjs';
import { knownReason } from './roots/known_failures.mjs';
import { mpi5Libraries } from './roots/mpi5_libraries.mjs';
import { testAsUser } from './roots/ordinary_user.mjs';
import { Root, whyThereAreNoRoots } from './roots/root.mjs';
import { MPIS, summarise } from './roots/results.mjs';
import { writeTable } from './roots/table.mjs';

const short = ['hello', 'tasks', 'functions', 'ends', 'communicators', 'isolation'];
/** Several hosts, and what ends programs by force: where later generations of MPI differ most. */
const hosts = ['cluster', 'interruptions'];
/** Ways to start a program, to more slots, and into an error. */
const starts = [
  'reference_launches',
  'mpiexec',
  'remote_shell',
  'spawn_error',
  'slow_start',
  'wrong_mpi',
];
/** Each list, as jest's patterns. @type {Record<string, string[]>} */
const lists = {
  short: short.map(testFile),
  starts: starts.map(testFile),
  hosts: hosts.map(testFile),
  full: ['test/mpi/'],
};
/** Those in which README's first program is run as an ordinary user, too. */
const listsWithUser = ['short', 'full'];

const hour = 3_600_000;
const results = '/project/build/results.json';

/** @typedef {import('./roots/results.mjs').Cell} Cell */

void runAsProgram(import.meta.url, async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      list: { type: 'string', default: 'short' },
      node: { type: 'string', default: '20,latest' },
      write: { type: 'boolean', default: false },
    },
  });
  const isInstallation = values.list === 'install';
  const chosen = values.list.split(',');
  if (!isInstallation && !chosen.every((list) => list in lists)) {
    throw new ScriptError(
      `Expected some of ${Object.keys(lists).join(', ')}, or install alone, for --list but received '${values.list}'`,
    );
  }
  const suites = positionals.flatMap((word) => word.split(','));

  installDebootstrap();
  const reason = whyThereAreNoRoots() ?? (isInstallation ? whyNoInstallation() : undefined);
  if (reason !== undefined) {
    console.log(`SKIPPED, all tests in roots: ${reason}`);
    return 0;
  }
  /** @type {Cell[]} */
  const cells = [];
  let isRed = false;
  for (const suite of suites.length > 0 ? suites : ['bookworm', 'trixie', 'sid']) {
    const root = new Root(suite);
    try {
      if (!make(root, suite)) continue;
      const runs = isInstallation
        ? [await testInstallation(root, suite)]
        : testIn(root, suite, chosen, values.node.split(','));
      for await (const found of runs) {
        cells.push(...found);
        if (values.write) await writeTable(found);
      }
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      console.error(`${suite}: ${error.message}`);
      isRed = true;
    } finally {
      root.remove();
    }
  }
  let failed = 0;
  for (const { mpi, node, failures } of cells) {
    for (const failure of failures) {
      const isKnown = knownReason(mpi, failure) !== undefined;
      if (!isKnown) failed += 1;
      console.log(
        `${isKnown ? 'failed, as is known' : 'FAILED'}: ${mpi}, Node.js ${node}: ${failure.title}`,
      );
    }
  }
  const sum = (/** @type {(cell: Cell) => number} */ of) =>
    cells.reduce((total, cell) => total + of(cell), 0);
  console.log(
    `${sum((cell) => cell.passed)} passed, ${failed} failed, ${sum((cell) => cell.skipped.length)} skipped`,
  );
  return isRed || failed > 0 ? 1 : 0;
});

function installDebootstrap() {
  if (findProgram('debootstrap') !== undefined || process.getuid?.() !== 0) return;
  const aptGet = findProgram('apt-get');
  if (aptGet === undefined) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = () => capture(aptGet, ['install', '--yes', 'debootstrap'], env);
  if (install().ok) return;
  capture(aptGet, ['update'], env);
  install();
}

/** @param {Root} root @param {string} suite @returns {boolean} whether it is there */
function make(root, suite) {
  const start = Date.now();
  try {
    if (!root.make()) console.log(`${suite}: a root was made, ${secondsSince(start)} s`);
    return true;
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    console.log(`SKIPPED, all tests in ${suite}: ${error.message}`);
    return false;
  }
}

/**
 * Yields the cells of each list with each Node.js.
 * @param {Root} root
 * @param {string} suite
 * @param {string[]} chosen - some of the lists
 * @param {string[]} nodes
 * @returns {AsyncGenerator<Cell[]>}
 */
async function* testIn(root, suite, chosen, nodes) {
  root.copyProject();
  await step(`${suite}: set-up`, ['node', 'scripts/setup.mjs', '--mpi', 'openmpi,mpich']);
  await step(`${suite}: julia`, ['npm', 'run', 'julia']);
  /** @type {Record<string, string>} */
  const versions = {};
  // Only one run may use the layer at a time.
  for (const mpi of MPIS) versions[mpi] = await versionOf(root, mpi);
  const libraries = await mpi5Libraries(root);
  for (const wanted of nodes) {
    const withNode = wanted === 'here' ? [] : nodeOf(wanted);
    const { output } = await root.run([...withNode, 'node', '--version'], { deadline: hour });
    const node = /v(\d+\.\d+\.\d+)/.exec(output)?.[1];
    if (node === undefined) throw new ScriptError(`There is no Node.js ${wanted}:\n${output}`);
    for (const list of chosen) {
      const of = { suite, list, node, versions };
      const command = [...withNode, 'node', 'scripts/test.mjs', ...(lists[list] ?? [])];
      const what = `the list ${list} with Node.js ${node}`;
      const cells = summarise(await runTests(what, command), of);
      if (listsWithUser.includes(list)) cells.push(...(await testAsUser(root, of, withNode)));
      if (libraries !== undefined) {
        const env = { MPI_FUTURES_TEST_MPI_ABI: libraries };
        const abi = 'ABI of MPI 5';
        cells.push(...summarise(await runTests(`${what} and the ${abi}`, command, env), { ...of, abi })); // prettier-ignore
      }
      yield cells;
    }
  }

  /** @param {string} what @param {string[]} command @param {Record<string, string>} [env] */
  async function runTests(what, command, env) {
    const start = Date.now();
    const run = await root.run([...command, '--json', `--outputFile=${results}`], {
      ...(env && { env }),
      deadline: 2 * hour,
      onOutput: (text) => process.stderr.write(text),
    });
    const text = root.read(results);
    if (text === undefined) throw new ScriptError(`No results:\n${run.output.slice(-2000)}`);
    root.forget(results);
    console.log(`${suite}: ${what}, ${secondsSince(start)} s`);
    return JSON.parse(text);
  }

  /** @param {string} what @param {string[]} command */
  async function step(what, command) {
    const start = Date.now();
    const { status, output } = await root.run(command, { deadline: hour });
    if (status !== 0) throw new ScriptError(`${what} failed:\n${output.slice(-3000)}`);
    console.log(`${what}, ${secondsSince(start)} s`);
  }
}

/** @param {string} name */
function testFile(name) {
  return `test/mpi/${name}.test`;
}

/** @param {string} version */
const nodeOf = (version) => ['npm', 'exec', '--yes', `--package=node@${version}`, '--'];

/** As the library itself says. @param {Root} root @param {string} mpi */
async function versionOf(root, mpi) {
  const program = `import { libraryVersion } from '/project/dist/entry/mpi.js'; console.log(libraryVersion());`;
  const { output } = await root.run(['node', '--input-type=module', '--eval', program], {
    env: { MPI_FUTURES_MPI: mpi },
    deadline: hour,
  });
  const found = /(Open MPI v|MPICH Version:\s*)(\d[\w.]*)/.exec(output);
  return found === null ? mpi : `${mpi === 'openmpi' ? 'Open MPI' : 'MPICH'} ${found[2]}`;
}

/** @param {number} start */
function secondsSince(start) {
  return ((Date.now() - start) / 1000).toFixed(0);
}
