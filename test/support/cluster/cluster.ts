/** Three hosts on one machine, made of namespaces of Linux (hosts.sh). */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { majorOfOpenMpi } from '../../../scripts/mpi_environment.mjs';
import { findProgram } from '../../../scripts/programs.mjs';
import { root } from '../../../scripts/paths.mjs';
import { runProgram, type Mpi, type ProgramOptions, type ProgramResult } from '../program.js';

const scripts = path.join(root, 'test', 'support', 'cluster');
const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
const ownNamespaces = ['--net', '--uts', '--ipc', '--pid', '--mount'];

/** The program has nodea to itself; the other hosts have two workers each. */
const SLOTS = 'nodea:1,nodeb:2,nodec:2';
export const WORKERS = 4;

/** How an mpiexec is told of hosts, and how to start something there. */
const placement: Record<Mpi, readonly string[]> = {
  openmpi: [
    // The names of the variable in Open MPI 4, and in 5 and later.
    ...['rsh', 'ssh'].flatMap((name) => [
      '--mca',
      `plm_${name}_agent`,
      path.join(scripts, 'agent.sh'),
    ]),
    // Debian's settings for Open MPI 6 leave TCP the loopback interface alone (docs/guide/known-issues.md).
    ...(majorOfOpenMpi() >= 6 ? ['--mca', 'btl_tcp_if_include', 'eth0'] : []),
    '--host',
    SLOTS,
  ],
  mpich: ['-launcher', 'rsh', '-launcher-exec', path.join(scripts, 'agent.sh'), '-hosts', SLOTS],
};

export class Cluster {
  readonly #folder: string;
  readonly #hosts: ChildProcess;
  /** Process 1 of nodea, as it is known here. */
  readonly #init: number;

  private constructor(folder: string, hosts: ChildProcess, init: number) {
    this.#folder = folder;
    this.#hosts = hosts;
    this.#init = init;
  }

  /** @param families - which addresses the hosts have, those of IPv4, IPv6 or both */
  static async start(families: '4' | '6' | '46' = '46'): Promise<Cluster> {
    const folder = newFolder();
    const [command, ...args] = hostsCommand(folder, families);
    const hosts = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(hosts.stdout.setEncoding('utf8'), 'data');
    const children = readFileSync(`/proc/${hosts.pid}/task/${hosts.pid}/children`, 'utf8');
    return new Cluster(folder, hosts, Number(children));
  }

  /** Takes everything down. Gives the commands that were still running on one of the hosts. */
  async stop(): Promise<string[]> {
    let text = '';
    this.#hosts.stdout?.on('data', (part: string) => (text += part));
    const closed = once(this.#hosts, 'close');
    this.#hosts.stdin?.end();
    await closed;
    rmSync(this.#folder, { recursive: true, force: true });
    return text.match(/^left: .*/gm) ?? [];
  }

  /** Starts a program on nodea, by the mpiexec there. */
  run(options: ProgramOptions & { mpi: Mpi }): Promise<ProgramResult> {
    return runProgram({
      ...options,
      within: this.#enter(),
      mpiexecArgs: [...placement[options.mpi], ...(options.mpiexecArgs ?? [])],
      env: {
        MPI_FUTURES_TEST_HOSTS: this.#folder,
        // These would place all processes on one host.
        OMPI_MCA_rmaps_base_oversubscribe: undefined,
        PRTE_MCA_rmaps_default_mapping_policy: undefined,
        PRTE_MCA_mapby: undefined,
        ...options.env,
      },
    });
  }

  /** Pulls, or puts back, the cable of a host. */
  link(host: 'nodeb' | 'nodec', state: 'down' | 'up'): void {
    const [command, ...args] = [...this.#enter(), 'ip', 'link', 'set', `to-${host}`, state];
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`ip link set: ${stderr}`);
  }

  /** The names of all files in shared memory of the three hosts. */
  sharedMemory(): string[] {
    const shared =
      'for pid in 1 $(cat "$0"/nodeb "$0"/nodec); do ls "/proc/$pid/root/dev/shm"; done';
    const [command, ...args] = [...this.#enter(), 'sh', '-ec', shared, this.#folder];
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`ls: ${stderr}`);
    return stdout.split('\n').filter((file) => file !== '');
  }

  #enter(): [string, ...string[]] {
    const user = asRoot.length > 0 ? ['--user', '--preserve-credentials'] : [];
    // Enters its root, too, which differs in one made by `npm run test:roots`. The working directory must be set again then.
    const place = ['sh', '-c', 'cd "$0" && exec "$@"', process.cwd()];
    const target = ['--root', '--wd=/', '--target', String(this.#init)];
    return ['nsenter', ...target, ...user, ...ownNamespaces, ...place];
  }
}

/** Why there can be no such hosts on this machine; tries it. */
export function whyNoCluster(): string | undefined {
  if (process.platform !== 'linux') return 'needs the namespaces of Linux';
  const missing = ['unshare', 'nsenter', 'ip', 'bash'].filter((name) => !findProgram(name));
  if (missing.length > 0)
    return `needs ${missing.join(', ')}, of the packages util-linux, iproute2, bash`;
  const folder = newFolder();
  try {
    const [command, ...args] = hostsCommand(folder);
    const { status, stderr, error } = spawnSync(command, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    if (status === 0) return undefined;
    return `namespaces are not permitted here: ${(error?.message ?? stderr).trim().split('\n')[0]}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function hostsCommand(folder: string, families = '46'): [string, ...string[]] {
  return [
    'unshare',
    ...asRoot,
    ...ownNamespaces,
    '--fork',
    '--mount-proc',
    '--kill-child',
    'bash',
    path.join(scripts, 'hosts.sh'),
    folder,
    families,
  ];
}

function newFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'mpi-futures-hosts-'));
}
