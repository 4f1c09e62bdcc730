// Sets up a fresh clone, in order: npm packages, system packages, addon, TypeScript. Needs only
// Node.js. A step is skipped if its inputs are the same as in its last run.
//
//   node scripts/setup.mjs                        all steps
//   node scripts/setup.mjs npm-packages           some steps
//   node scripts/setup.mjs --mpi openmpi,mpich    require these MPIs; otherwise any one is enough
//   node scripts/setup.mjs --browser              require Chromium, for the tests that look at pages

import { parseArgs } from 'node:util';
import { runAsProgram, ScriptError } from './main.mjs';
import { IMPLEMENTATIONS } from './mpi_environment.mjs';
import { addon } from './setup/addon.mjs';
import { npmPackages } from './setup/npm_packages.mjs';
import { isCurrent, markCurrent } from './setup/stamp.mjs';
import { systemPackages } from './setup/system_packages.mjs';
import { typescript } from './setup/typescript.mjs';

/** @typedef {import('./mpi_environment.mjs').Implementation} Implementation */

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {(options: SetupOptions) => string} fingerprint of everything its result depends on
 * @property {() => boolean} isThere whether its result exists at all
 * @property {(announce: (what: string) => void, options: SetupOptions) => void | Promise<void>} run
 */

/** @typedef {{ mpis: readonly Implementation[], browser?: boolean }} SetupOptions what to insist on */

/** @type {readonly Step[]} */
const STEPS = [npmPackages, systemPackages, addon, typescript];

/**
 * Does what is not done yet, and says so, a line for each thing done.
 * @param {readonly string[]} [names] of steps; all by default
 * @param {SetupOptions} [options]
 */
export async function setUp(names = STEPS.map(({ name }) => name), options = { mpis: [] }) {
  for (const step of STEPS) {
    if (!names.includes(step.name)) continue;
    if (step.isThere() && isCurrent(step.name, step.fingerprint(options))) continue;
    await runStep(step, options);
    markCurrent(step.name, step.fingerprint(options));
  }
}

/**
 * @param {Step} step
 * @param {SetupOptions} options
 */
async function runStep(step, options) {
  const start = performance.now();
  let announced = false;
  let ending = ' failed\n';
  try {
    await step.run((what) => {
      process.stderr.write(`set-up: ${what} ...`);
      announced = true;
    }, options);
    ending = ` ${((performance.now() - start) / 1000).toFixed(1)} s\n`;
  } finally {
    if (announced) process.stderr.write(ending);
  }
}

void runAsProgram(import.meta.url, async () => {
  const { values, positionals } = parseArgs({
    options: { mpi: { type: 'string', default: '' }, browser: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const names = STEPS.map(({ name }) => name);
  const mpis = values.mpi.split(',').filter(Boolean);
  const steps = positionals.length > 0 ? positionals : names;
  await setUp(knownOnly('step', steps, names), {
    mpis: knownOnly('MPI', mpis, IMPLEMENTATIONS),
    browser: values.browser,
  });
});

/**
 * @template {string} Name
 * @param {string} what
 * @param {readonly string[]} given
 * @param {readonly Name[]} known
 */
function knownOnly(what, given, known) {
  return given.map((name) => {
    const match = known.find((candidate) => candidate === name);
    if (match !== undefined) return match;
    throw new ScriptError(
      `Expected each ${what} to be one of ${known.join(', ')} but received ${name}`,
    );
  });
}
