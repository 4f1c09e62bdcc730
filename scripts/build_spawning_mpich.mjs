// Builds an MPICH that can spawn, for the tests: `node scripts/build_spawning_mpich.mjs`.
//
// Builds it from the distribution's source package of MPICH, which apt fetches and verifies, with
// device ch3 instead of ch4:ucx, in ~/.cache/mpi-futures/mpich-ch3 (or under XDG_CACHE_HOME). Takes
// some ten minutes, and does nothing if it exists already. Changes nothing outside that folder, and
// does not need root.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { runAsProgram, ScriptError } from './main.mjs';
import { abiOf } from './mpi_compiler.mjs';
import { cleanEnvironment } from './mpi_environment.mjs';
import { capture, findProgram, runOrThrow } from './programs.mjs';
import { isSpawningMpichThere, spawningMpich } from './spawning_mpich.mjs';

const { prefix, mpicc } = spawningMpich;
const work = `${prefix}-build`;
const log = `${prefix}.log`;

/** Two at a time: it is a long build, and not what the machine is for. */
const JOBS = 2;

const CONFIGURATION = [
  `--prefix=${prefix}`,
  '--with-device=ch3:nemesis',
  '--with-pm=hydra',
  '--with-hwloc=embedded',
  '--enable-shared',
  '--disable-static',
  '--disable-fortran',
  '--disable-cxx',
  '--disable-romio',
  '--disable-maintainer-mode',
  '--disable-dependency-tracking',
];

function main() {
  if (isSpawningMpichThere()) {
    console.log(`It is there already: ${prefix}`);
    return;
  }
  checkPrograms();
  // Left by an earlier run that did not finish.
  fs.rmSync(work, { recursive: true, force: true });
  fs.mkdirSync(work, { recursive: true });
  fs.writeFileSync(log, '');

  console.log(`Building in ${work}; the log is ${log}`);
  const source = unpack(fetchSource());
  const staged = path.join(work, 'staged');
  step('configure', path.join(source, 'configure'), CONFIGURATION, source);
  step('make', 'make', [`-j${JOBS}`], source);
  step('install', 'make', ['install', `DESTDIR=${staged}`], source);

  // Renamed in one step, so that the folder is always complete.
  fs.rmSync(prefix, { recursive: true, force: true });
  fs.renameSync(path.join(staged, prefix), prefix);
  fs.rmSync(work, { recursive: true, force: true });
  if (abiOf(mpicc) !== 'mpich') throw new ScriptError(`${mpicc} does not compile. See ${log}`);
  console.log(`${prefix}\nnpm test will run its spawned layouts on it too.`);
}

function checkPrograms() {
  const missing = ['apt-get', 'dpkg-source', 'gcc', 'make'].filter((name) => !findProgram(name));
  if (missing.length === 0) return;
  const what = missing.includes('apt-get')
    ? 'Only systems with apt are provided for, such as Debian and Ubuntu. Elsewhere configure MPICH with\n' +
      `${CONFIGURATION.slice(0, 2).join(' ')} and install it there.`
    : 'Install them with: apt-get install dpkg-dev gcc make';
  throw new ScriptError(`Expected ${missing.join(', ')} on PATH, which is not there. ${what}`);
}

/**
 * Fetches the source package with an apt that has a list of sources of its own: the machine's is
 * seldom made for source packages, and is not ours to change.
 * @returns {string} the .dsc
 */
function fetchSource() {
  const sources = path.join(work, 'sources.list');
  fs.writeFileSync(sources, sourceRepositories());
  for (const name of ['lists/partial', 'archives/partial']) {
    fs.mkdirSync(path.join(work, name), { recursive: true });
  }
  const settings = [
    `Dir::Etc::sourcelist=${sources}`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::lists=${path.join(work, 'lists')}`,
    `Dir::Cache=${work}`,
    // As root, apt would fetch as another user, who may not write here.
    'APT::Sandbox::User=',
    'Acquire::Retries=2',
    'Acquire::http::Timeout=30',
  ].flatMap((setting) => ['-o', setting]);
  step('list of packages', 'apt-get', [...settings, '-q', '--error-on=any', 'update'], work);
  step(
    'source package',
    'apt-get',
    [...settings, '-q', '--only-source', '--download-only', 'source', 'mpich'],
    work,
  );
  const dsc = fs.readdirSync(work).find((name) => name.endsWith('.dsc'));
  if (dsc === undefined) throw new ScriptError(`apt-get has fetched no source package. See ${log}`);
  return path.join(work, dsc);
}

/** Where this machine's packages come from, as places of source packages. */
function sourceRepositories() {
  const format = '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)';
  const targets = capture('apt-get', ['indextargets', '--format', format, 'Identifier: Packages']);
  const lines = targets.output.split('\n').flatMap((line) => {
    const [, origin = '', rest] = /^(Debian|Ubuntu) (\S+ \S+ \S+)$/.exec(line) ?? [];
    const keyring = `/usr/share/keyrings/${origin.toLowerCase()}-archive-keyring.gpg`;
    const option = fs.existsSync(keyring) ? `[signed-by=${keyring}] ` : '';
    return rest === undefined ? [] : [`deb-src ${option}${rest}`];
  });
  if (lines.length === 0) {
    throw new ScriptError(
      'apt knows no package list of Debian or Ubuntu here. Run apt-get update first.',
    );
  }
  return [...new Set(lines), ''].join('\n');
}

/**
 * As released, without the distribution's patches: those are for its own build, from autotools on.
 * @param {string} dsc
 */
function unpack(dsc) {
  const source = path.join(work, 'source');
  runOrThrow('dpkg-source', ['--no-check', '--skip-patches', '-x', dsc, source]);
  return source;
}

/**
 * @param {string} what
 * @param {string} program
 * @param {string[]} args
 * @param {string} directory
 */
function step(what, program, args, directory) {
  const start = performance.now();
  process.stdout.write(`${what} ...`);
  const output = fs.openSync(log, 'a');
  const { status, error } = spawnSync(program, args, {
    cwd: directory,
    env: { ...cleanEnvironment(), LC_ALL: 'C' },
    stdio: ['ignore', output, output],
  });
  fs.closeSync(output);
  if (status === 0) {
    console.log(` ${((performance.now() - start) / 1000).toFixed(0)} s`);
    return;
  }
  console.log(' failed');
  const end = fs.readFileSync(log, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
  throw new ScriptError(
    `${error?.message ?? `${path.basename(program)} ended with status ${status}`}.\n\n${end}\n\n` +
      `The whole log is ${log}. Fetching needs the network; what is built needs a C compiler only.`,
  );
}

void runAsProgram(import.meta.url, main);
