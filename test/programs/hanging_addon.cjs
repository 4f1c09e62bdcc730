/** In the place of the addon of an installation that is broken: its MPI_Init does not return. */

module.exports = {
  abi: 'openmpi',
  version: require('../../package.json').version,
  libraryVersion: () => 'Open MPI v4.1.4, package: broken',
  setVariable() {},
  letRead() {},
  claim: () => true,
  initialize() {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
};
