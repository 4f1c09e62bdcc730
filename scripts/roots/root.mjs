// A root is the file system of another Debian release, in which commands run by chroot. It is made once, outside the
// repository. Each use has a layer of its own on top of it, and so begins with a fresh system.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { ScriptError } from '../main.mjs';
import { root as repository } from '../paths.mjs';
import { capture, findProgram } from '../programs.mjs';

/** Where roots and the packages that were installed in them are kept. */
const cache = path.join(
  process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'),
  'mpi-futures',
  'roots',
);

/**
 * What a container image for Node.js has as well: the certificates, `ps`, and a library that Node.js 25 and later need. `ip` is for
 * the tests on several hosts.
 */
const basePackages = ['ca-certificates', 'procps', 'libatomic1', 'iproute2'];

const certificates = '/etc/ssl/certs/ca-certificates.crt';

/** Where the repository is in a root. */
export const projectInRoot = '/project';

/** Why there can be no roots here; undefined where there can. */
export function whyThereAreNoRoots() {
  if (process.platform !== 'linux') return 'roots are made by debootstrap, on Linux';
  if (process.getuid?.() !== 0) return 'making a root needs the rights of root';
  const missing = ['debootstrap', 'unshare', 'chroot', 'mount', 'tar'].find(
    (name) => findProgram(name) === undefined,
  );
  if (missing !== undefined)
    return `${missing} is missing: apt-get install debootstrap util-linux coreutils mount tar`;
  const trial = capture('unshare', [...namespaces, 'true']);
  return trial.ok ? undefined : `namespaces cannot be made here (${trial.output.trim()})`;
}

/** Mounts and processes of their own: nothing of either is left when the command ends, however it does. */
const namespaces = ['--mount', '--pid', '--fork', '--kill-child'];

/** One use of a root. */
export class Root {
  /** @type {string} */
  #base;
  /** @type {string} */
  #layer;
  /** @type {string} */
  #suite;

  /**
   * @param {string} suite of Debian: bookworm, trixie, sid
   * @param {string} [layer] a folder for what is changed in it, to be kept; a temporary one by default
   */
  constructor(suite, layer) {
    this.#suite = suite;
    this.#base = path.join(cache, suite);
    this.#layer = layer ?? fs.mkdtempSync(path.join(tmpdir(), `mpi-futures-${suite}-`));
    for (const name of ['changes', 'work', 'root'])
      fs.mkdirSync(path.join(this.#layer, name), { recursive: true });
  }

  /** Has debootstrap make it, where that has not been done. @returns {boolean} whether it was there */
  make() {
    if (this.#isMade()) return true;
    const unfinished = `${this.#base}.${process.pid}`;
    fs.mkdirSync(cache, { recursive: true });
    const mirror = mirrorOfThisMachine();
    const made = capture('unshare', [
      ...namespaces,
      'debootstrap',
      '--variant=minbase',
      `--include=${basePackages.join(',')}`,
      this.#suite,
      unfinished,
      ...(mirror === undefined ? [] : [mirror]),
    ]);
    if (!made.ok) {
      fs.rmSync(unfinished, { recursive: true, force: true });
      throw new ScriptError(
        `debootstrap could not make a root of ${this.#suite}:\n${made.output.trim().split('\n').slice(-5).join('\n')}`,
      );
    }
    // A mirror may be a copy of an earlier day, whose lists have expired.
    fs.writeFileSync(
      path.join(unfinished, 'etc/apt/apt.conf.d/90mirror'),
      'Acquire::Check-Valid-Until "false";\n',
    );
    fs.rmSync(this.#base, { recursive: true, force: true });
    fs.renameSync(unfinished, this.#base);
    return false;
  }

  /** One that an earlier version made may lack a package. */
  #isMade() {
    const place = path.join(this.#base, 'var/lib/dpkg/info');
    if (!fs.existsSync(place)) return false;
    // `procps.list`, or with the processor: `libatomic1:amd64.list`
    const installed = fs.readdirSync(place).map((name) => name.replace(/(:\w+)?\.list$/, ''));
    return basePackages.every((name) => installed.includes(name));
  }

  /** Copies what a clone of the repository would have, and what is not committed yet. */
  copyProject() {
    const place = path.join(this.#layer, 'changes', projectInRoot);
    fs.mkdirSync(place, { recursive: true });
    const listed = capture('git', [
      ...['-C', repository, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    ]);
    if (!listed.ok) throw new ScriptError(listed.output);
    for (const name of listed.output.split('\0').filter(Boolean)) {
      const from = path.join(repository, name);
      if (fs.existsSync(from)) fs.cpSync(from, path.join(place, name));
    }
  }

  /**
   * Runs a command in it; its output is passed on line by line, and also the result.
   * @param {readonly string[]} command
   * @param {{ env?: Record<string, string>, directory?: string, onOutput?: (text: string) => void, deadline?: number }} [options]
   *   deadline in milliseconds
   * @returns {Promise<{ status: number | null, output: string }>}
   */
  async run(command, { env = {}, directory = projectInRoot, onOutput, deadline } = {}) {
    const child = spawn(
      'unshare',
      [
        ...namespaces,
        'sh',
        '-c',
        enter,
        'sh',
        this.#base,
        this.#layer,
        cache,
        directory,
        ...command,
      ],
      {
        // The npm settings of this machine.
        env: { ...environmentInRoot(), ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: deadline,
        killSignal: 'SIGKILL', // ends unshare, and with it everything that runs inside
      },
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        output += text;
        onOutput?.(text);
      });
    }
    const [status] = await once(child, 'close');
    return { status, output };
  }

  /** A file that was written in it. @param {string} name @returns {string | undefined} */
  read(name) {
    const file = path.join(this.#layer, 'changes', name);
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
  }

  /** Puts a file into it. @param {string} name @param {string | Buffer} content */
  write(name, content) {
    const file = path.join(this.#layer, 'changes', name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }

  /** @param {string} name */
  forget(name) {
    fs.rmSync(path.join(this.#layer, 'changes', name), { force: true });
  }

  remove() {
    fs.rmSync(this.#layer, { recursive: true, force: true });
  }
}

/**
 * In namespaces of its own: the layer on the root, the kernel's file systems, this machine's Node.js with npm, and its
 * certificates; then the command. The shell stays, to bury processes that nobody waits for.
 */
const enter = `
set -e
base=$1 layer=$2 cache=$3 directory=$4; shift 4
root=$layer/root
cd /
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$base,upperdir=$layer/changes,workdir=$layer/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount --rbind /sys "$root/sys"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
give() { [ -e "$1" ] || return 0; mkdir -p "$root$(dirname "$2")"; [ -e "$root$2" ] || : > "$root$2"; mount --bind "$1" "$root$2"; }
give ${process.execPath} /usr/local/bin/node
give /etc/resolv.conf /etc/resolv.conf
give /etc/hosts /etc/hosts
give ${certificates} ${certificates}
share() { [ -d "$1" ] || return 0; mkdir -p "$root$2"; mount --bind "$1" "$root$2"; }
share "$MPI_FUTURES_NPM" /usr/local/lib/node_modules/npm
unset MPI_FUTURES_NPM # the doctor knows no such variable
mkdir -p "$cache/npm" "$cache/apt-$(basename "$base")/partial"
share "$cache/npm" /var/cache/npm
share "$cache/apt-$(basename "$base")" /var/cache/apt/archives
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
chroot "$root" sh -c 'cd "$1" && shift && exec "$@"' sh "$directory" "$@" && status=0 || status=$?
exit $status
`;

function environmentInRoot() {
  const npm = path.resolve(fs.realpathSync(findProgram('npm') ?? process.execPath), '../..');
  const registry = capture('npm', ['config', 'get', 'registry']).output.split('\n')[0] ?? '';
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    CI: 'true',
    DEBIAN_FRONTEND: 'noninteractive',
    MPI_FUTURES_NPM: npm,
    npm_config_registry: registry,
    npm_config_cache: '/var/cache/npm',
    npm_config_cafile: certificates,
    npm_config_update_notifier: 'false',
    npm_config_fund: 'false',
    npm_config_audit: 'false',
  };
}

/** Where this machine itself gets Debian's packages from; debootstrap knows one otherwise. */
function mirrorOfThisMachine() {
  const listed = capture('apt-get', ['indextargets', '--format', '$(ORIGIN) $(REPO_URI)']);
  if (!listed.ok) return undefined;
  const mirrors = listed.output
    .split('\n')
    .filter((line) => line.startsWith('Debian '))
    .map((line) => line.slice('Debian '.length).trim());
  return mirrors.find((mirror) => !mirror.includes('security'));
}
