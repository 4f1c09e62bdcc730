/** An app that has this package from a tarball of `npm pack`, as an app has it from the registry. */

import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { capture, findProgram, runOrThrow } from '../../scripts/programs.mjs';

/** The npm that is first on PATH; the registry is the one that it is set up with. */
const npm = findProgram('npm') ?? 'npm';

/** Links to these programs in a folder: PATH, if it has no other, has nothing else. Those that are not here are left out. */
export function linkPrograms(folder: string, names: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  for (const name of names) link(path.join(folder, name), findProgram(name));
  return folder;
}

function link(place: string, target: string | undefined): void {
  rmSync(place, { force: true });
  if (target !== undefined) symlinkSync(target, place);
}

export class PackedApp {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-app-'));
  readonly app = path.join(this.folder, 'app');
  /** The command, as npm has put it there. */
  readonly command = path.join(this.app, 'node_modules/.bin/mpi-futures');
  /** The addons that the package brings with it. */
  readonly prebuilt = path.join(this.app, 'node_modules/mpi-futures/prebuilt');
  readonly #bin = path.join(this.folder, 'bin');
  tarball = '';

  pack(): void {
    chmodSync(this.folder, 0o755); // other users run it
    mkdirSync(this.app);
    linkPrograms(this.#bin, ['node', 'sh']); // no compiler
    runOrThrow(
      npm,
      ['pack', root, '--ignore-scripts', '--pack-destination', this.folder],
      ofNpm({}),
    );
    this.tarball = path.join(
      this.folder,
      readdirSync(this.folder).find((name) => name.endsWith('.tgz')) ?? '',
    );
    this.write('package.json', JSON.stringify({ name: 'app', version: '1.0.0', type: 'module' }));
  }

  /** The contents of the tarball. */
  files(): string[] {
    return capture('tar', ['-tzf', this.tarball]).output.trim().split('\n');
  }

  /** Of the tarball, in bytes. */
  size(): number {
    return statSync(this.tarball).size;
  }

  write(name: string, text: string): string {
    const file = path.join(this.app, name);
    writeFileSync(file, text);
    return file;
  }

  /** `npm install`, which writes the lock file, and then `npm ci`, as a deployment does, where there is no compiler. */
  install({ npm, node }: NpmVersion): void {
    link(path.join(this.#bin, 'node'), node);
    for (const name of ['node_modules', 'package-lock.json'])
      rmSync(path.join(this.app, name), { recursive: true, force: true });
    const inApp = ['--prefix', this.app, '--prefer-offline', '--no-audit', '--no-fund'];
    const env = ofNpm({ PATH: this.#bin });
    runOrThrow(node, [npm, 'install', ...inApp, this.tarball], env);
    rmSync(path.join(this.app, 'node_modules'), { recursive: true });
    runOrThrow(node, [npm, 'ci', ...inApp], env);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface NpmVersion {
  /** Its program, for Node.js to run. */
  readonly npm: string;
  /** A Node.js that it runs on. */
  readonly node: string;
}

/** That major version of npm, from npm's own cache where it was fetched before. @throws where it cannot be fetched */
export function fetchNpm(major: number): NpmVersion {
  const bin = path.dirname(fetchProgram(`npm@${major}`, 'npm'));
  const node = major < 12 || runsNpm12(process.versions.node) ? process.execPath : newestNode();
  return { npm: path.join(bin, '../npm/bin/npm-cli.js'), node };
}

/** Why nothing can be installed here, or undefined. */
export function whyNoRegistry(): string | undefined {
  const { ok, output } = capture(
    npm,
    ['view', 'npm@10', 'version', '--fetch-retries=0', '--fetch-timeout=20000'],
    ofNpm({}),
  );
  return ok ? undefined : `npm's registry cannot be reached: ${output.trim().split('\n')[0] ?? ''}`;
}

function runsNpm12(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major >= 26 || (major === 24 && minor >= 15) || (major === 22 && minor >= 23);
}

function newestNode(): string {
  return fetchProgram('node@latest', 'node');
}

function fetchProgram(specifier: string, name: string): string {
  const exec = ['exec', '--yes', '--prefer-offline', `--package=${specifier}`];
  const { ok, output } = capture(npm, [...exec, '-c', `command -v ${name}`], ofNpm({}));
  const place = output.split('\n').find((line) => line.startsWith('/'));
  if (ok && place !== undefined) return place;
  throw new Error(`${specifier} cannot be fetched: ${output}`);
}

/** The environment without what an npm that runs the tests says about this project. */
function ofNpm(changes: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ofProject =
    /^(npm_(package|lifecycle|command|execpath|node_execpath|config_(local_prefix|prefix|omit|include))|INIT_CWD)/i;
  const others = Object.entries(process.env).filter(([name]) => !ofProject.test(name));
  // A registry may fail for a moment.
  return { npm_config_fetch_retries: '5', ...Object.fromEntries(others), ...changes };
}
