/** Uses `process.env` while MPI starts, and looks at it afterwards. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { initialize } from 'mpi-futures/mpi';

process.env.BEFORE = 'before';
let isStarting = true;
const started = initialize().finally(() => (isStarting = false));
const kept = process.env;
process.env.MEANWHILE = 2;
delete process.env.BEFORE;
const inherits = Object.create(process.env);
inherits.MINE = 'mine';
const file = path.join(process.argv[2], 'variables');
writeFileSync(file, 'FROM_FILE=yes\nMEANWHILE=no\n');
process.loadEnvFile(file);
assert.equal(process.env.FROM_FILE, 'yes');
assert.equal(process.env.MEANWHILE, '2', 'a file does not replace what is set');
assert.ok(!('MINE' in process.env) && inherits.MINE === 'mine');
assert.match(inspect(process.env), /MEANWHILE: '2'/);

let reads = 0;
while (isStarting) {
  await turn();
  for (let i = 0; i < 1000; i++) if (process.env[`NOT_THERE_${i}`] === undefined) reads++;
}
await started;
assert.equal(reads % 1000, 0, 'what is not there is not there');
assert.equal(process.env.MEANWHILE, '2');
assert.equal(process.env.FROM_FILE, 'yes');
assert.match(inspect(kept), /GROWN_1: '1'/);
assert.ok(!('BEFORE' in process.env), 'a variable that was deleted is not there');
assert.equal(process.env.GROWN_19999, '1', 'what MPI has set is there');
assert.equal(kept.GROWN_19999, '1', 'an object that was kept is the environment');
assert.ok(Object.keys(kept).length > 20_000);

process.env.AFTERWARDS = 'set';
assert.equal(kept.AFTERWARDS, 'set');
const show = 'console.log(process.env.MEANWHILE, process.env.BEFORE, process.env.AFTERWARDS)';
const { stdout } = spawnSync(process.execPath, ['-e', show], { encoding: 'utf8' });
assert.equal(stdout, '2 undefined set\n', 'a child process has it');
console.log(`read ${reads > 0 ? 'meanwhile' : 'never'}`);
