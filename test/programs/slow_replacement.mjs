// The replacement of a lost worker takes 16 s to begin to run: after 10 ticks of a second each, which are late on a busy machine, that
// is told. Argument: a folder.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { PoolExecutor, WorkerLostError, isMain } from 'mpi-futures';
import { check } from './check.mjs';
import { die } from './dying.mjs';
import * as tasks from './tasks.mjs';

if (isMain) {
  const execPath = `${process.argv[2]}/slow_node.sh`;
  const script = `#!/bin/sh\n[ -e "$0.was" ] && sleep 16\n: > "$0.was"\nexec '${process.execPath}' "$@"\n`;
  writeFileSync(execPath, script, { mode: 0o755 });
  const warnings = [];
  process.on('warning', ({ code, message }) => warnings.push({ code, message }));

  await check('a replacement that is slow to start is told of, and waited for', async () => {
    const pool = new PoolExecutor({ restart: true, maxWorkers: 1, execPath });
    await assert.rejects(pool.submit(die), WorkerLostError);
    assert.equal(await pool.submit(tasks.add, 1, 2), 3);
    await pool.shutdown();
    const message =
      'Workers are not ready after 10 s. A lost worker has not been replaced. The limit is 60000 ms (option bootTimeout)';
    const ofReplacement = warnings.filter(({ message }) => /has not been replaced/.test(message));
    assert.deepEqual(ofReplacement, [{ code: 'MPI_FUTURES_SLOW_START', message }]);
  });
}
