// Finds out from the stderr of a program if one of its processes has crashed.

const crash =
  /terminate called|Segmentation|core dumped|Signal code|EXIT CODE: (6|11|134|139)\b|\(signal (6|11)\)|AddressSanitizer/;
/** What Open MPI prints of a process that gets such a signal, each line with its name: others may print in between. */
const report =
  /^(\[[^\]\n]+:\d+\]) \*\*\* Process received signal \*\*\*\n[^]*?^\1 \*\*\* End of error message \*\*\*$/gm;
/** As in `[vm:10163] [ 4] /usr/bin/mpiexec.openmpi(+0x13b9)[0x55ff2db9c3b9]`. */
const frameOfMpiexec = /^\[[^\]]+\] \[ *\d+\] (\S*\/)?(mpiexec|mpirun|orterun|prterun)[\w.]*\(/;

/**
 * The crash of mpiexec itself is none of ours: that of Open MPI 4 crashes now and then in PMIx_server_finalize, when the ranks
 * have ended.
 * @param {string} stderr
 */
export function hasCrashed(stderr) {
  const ofOthers = stderr.replace(report, (text, /** @type {string} */ name) =>
    isOfMpiexec(text, name)
      ? text
          .split('\n')
          .filter((line) => !line.startsWith(name))
          .join('\n')
      : text,
  );
  return crash.test(ofOthers);
}

/**
 * Whether it was mpiexec itself that has crashed.
 * @param {string} stderr
 */
export function mpiexecHasCrashed(stderr) {
  return [...stderr.matchAll(report)].some(([text, name = '']) => isOfMpiexec(text, name));
}

/**
 * @param {string} text of the report
 * @param {string} name of the process
 */
function isOfMpiexec(text, name) {
  return text.split('\n').some((line) => line.startsWith(name) && frameOfMpiexec.test(line));
}
