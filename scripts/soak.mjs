// `npm run soak [-- --seconds N] [openmpi|mpich]`: full load, for an hour if not told otherwise, in equal shares on each MPI,
// spawned where it can, and isolated and not. Fails where memory or descriptors of any process grow (test/programs/soak.mjs).

import { parseArgs } from 'node:util';
import { runAsProgram, ScriptError } from './main.mjs';
import { MPI_NAMES, runnableImplementations } from './mpi_environment.mjs';
import { runMpiProgram } from './mpi_program.mjs';
import { setUp } from './setup.mjs';

/** Times what it is to take. */
const PATIENCE = 10;

void runAsProgram(import.meta.url, async () => {
  const { values, positionals } = parseArgs({
    options: { seconds: { type: 'string', default: '3600' } },
    allowPositionals: true,
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0))
    throw new ScriptError(`Expected a positive number of --seconds but received ${values.seconds}`);
  await setUp();
  const chosen = runnableImplementations().filter(
    (name) => positionals.length === 0 || positionals.includes(name),
  );
  const runs = chosen.flatMap((implementation) =>
    ['0', '1'].map((isolated) => ({ implementation, isolated })),
  );
  let bad = 0;
  for (const { implementation, isolated } of runs) {
    const share = Math.ceil(seconds / runs.length);
    const isStatic = implementation === 'mpich'; // that of a distribution cannot spawn
    const env = { MPI_FUTURES_ISOLATE: isolated, MPI_FUTURES_MAX_WORKERS: '2', MPI_FUTURES_TEST_SECONDS: String(share) }; // prettier-ignore
    console.log(
      `${MPI_NAMES[implementation]}, ${isolated === '1' ? 'isolated' : 'not isolated'}, ${share} s`,
    );
    const { status, stdout, stderr, isLate } = await runMpiProgram(
      implementation,
      { program: 'soak.mjs', ranks: isStatic ? 3 : 1, served: isStatic },
      { deadline: PATIENCE * share * 1000 + 120_000, env },
    );
    console.log(stdout);
    const outcomes = stdout.split('\n').filter((line) => line.startsWith('{"check":'));
    const isGood = outcomes.length === 2 && outcomes.every((line) => JSON.parse(line).ok);
    if (isGood && status === 0) continue;
    bad++;
    console.log(`ended with ${isLate ? 'nothing, and was killed' : status}:\n${stderr}`);
  }
  return bad === 0 ? 0 : 1;
});
