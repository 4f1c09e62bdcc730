/**
 * Preloaded: holds a process, or a thread, up at its start until a file is there. Variables: HELD_UNTIL, the file; HELD_RANK, the
 * rank; HELD_AT, the function of the addon that is held up in place of the start.
 */
const { existsSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

const { HELD_UNTIL, HELD_RANK, HELD_AT, OMPI_COMM_WORLD_RANK, PMI_RANK } = process.env;

function waitForFile() {
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(HELD_UNTIL)) Atomics.wait(nobody, 0, 0, 20);
}

function holdUpAddon() {
  const { dlopen } = process;
  process.dlopen = (module, ...rest) => {
    dlopen.call(process, module, ...rest);
    const { [HELD_AT]: original } = module.exports;
    if (original === undefined) return;
    module.exports[HELD_AT] = (...args) => {
      waitForFile();
      return original(...args);
    };
  };
}

if (isMainThread ? HELD_RANK === (OMPI_COMM_WORLD_RANK ?? PMI_RANK) : HELD_RANK === 'thread') {
  if (HELD_AT === undefined) waitForFile();
  else holdUpAddon();
}
