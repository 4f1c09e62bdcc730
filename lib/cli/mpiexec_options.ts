/**
 * The options of mpiexec that `mpi-futures -n N` knows, of Open MPI (4 and 5) and of MPICH, by the number of values
 * that follow each.
 */

const withoutValue = `
  oversubscribe nooversubscribe use-hwthread-cpus allow-run-as-root enable-recovery disable-recovery continuous
  bynode bycore byslot bysocket bind-to-core bind-to-none bind-to-socket report-bindings nolocal novm
  tag-output timestamp-output merge-stderr-to-stdout q quiet v verbose display-map display-allocation
  display-topo show-progress get-stack-traces report-child-jobs-separately set-cwd-to-session-dir
  genvall genvnone envall envnone l prepend-rank print-rank-map print-all-exitcodes disable-auto-cleanup
  disable-hostname-propagation info
`;

const withOneValue = `
  host H hosts hostfile machinefile machine default-hostfile f ppn npernode N npersocket usize
  map-by rank-by bind-to rankfile rf cpu-set cpu-list cpus-per-proc cpus-per-rank
  x genvlist envlist wdir wd path prefix tmpdir output output-filename display stdin xterm timeout max-restarts
  personality am tune preload-files launch-agent report-pid report-uri with-ft
  launcher launcher-exec rmk iface localhost nameserver outfile-pattern errfile-pattern prepend-pattern
  gpus-per-proc demux bootstrap bootstrap-exec
`;

const withTwoValues = 'mca gmca prtemca pmixmca genv env';

const values = new Map(
  [withoutValue, withOneValue, withTwoValues].flatMap((names, count) =>
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, count] as const),
  ),
);

/** The number of values that follow `option`; undefined for an unknown option. */
export function valuesOf(option: string): number | undefined {
  const name = option.replace(/^--?/, '');
  return name.includes('=') ? 0 : values.get(name);
}
