/** Pages as a reader sees them: in headless Chromium, without a network but this machine's own. */

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { inflateSync } from 'node:zlib';
import { findBrowser } from '../../scripts/browser.mjs';
import { root } from '../../scripts/paths.mjs';
import { skipped } from './unless.js';

/** A page that was opened, after its scripts have run. */
export interface SeenPage {
  /** The file of the picture, for people to look at: `build/screenshots/NAME.png`. */
  readonly screenshot: string;
  /** Red, green and blue of the first pixel: the background of most pages. */
  readonly corner: readonly number[];
  /** The document as scripts have left it. */
  readonly html: string;
  /** Messages of scripts, and the errors that nobody caught or that the browser has reported. */
  readonly console: readonly string[];
}

export interface LookOptions {
  /** The size of the window, and so of the picture, in pixels. */
  readonly width?: number;
  readonly height?: number;
  /** True: as on a system with a dark style. */
  readonly dark?: boolean;
  /** In milliseconds of the page's own time, which passes at once where nothing is loaded: how long its scripts go on. */
  readonly time?: number;
  /** In milliseconds: the browser is ended then, with all its processes. */
  readonly deadline?: number;
}

const folder = path.join(root, 'build/screenshots');

/** Describes tests that need a browser. Where there is none, one skipped test says so. */
export function describeInBrowser(name: string, body: () => void): void {
  describe(name, () => {
    if (findBrowser() !== undefined) body();
    else skipped('in a browser', 'there is no Chromium (node scripts/setup.mjs --browser)');
  });
}

/**
 * Opens a page, waits for its scripts, and saves a picture of it.
 *
 * @param page - a file, or an address of this machine: `http://127.0.0.1:…`. Names of other machines are not found.
 * @param name - of the picture
 * @throws where the page cannot be opened, and where the browser does not end within the deadline
 */
export async function lookAt(
  page: string,
  name: string,
  { width = 1280, height = 900, dark = false, time = 5000, deadline = 120_000 }: LookOptions = {},
): Promise<SeenPage> {
  const browser = findBrowser();
  if (browser === undefined) throw new Error('There is no Chromium on this machine');
  const isAddress = /^https?:/.test(page);
  if (!isAddress && !existsSync(page)) throw new Error(`There is no page ${page}`);
  const screenshot = path.join(folder, `${name}.png`);
  mkdirSync(path.dirname(screenshot), { recursive: true });
  rmSync(screenshot, { force: true });
  const profile = mkdtempSync(path.join(tmpdir(), 'mpi-futures-browser-'));
  try {
    const { stdout, stderr } = await run(
      browser,
      [
        '--headless',
        '--no-sandbox', // root has no other way, and the pages are ours
        '--disable-gpu',
        '--disable-dev-shm-usage', // 64 MB in many containers
        '--hide-scrollbars',
        '--no-first-run',
        `--user-data-dir=${profile}`,
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
        '--enable-logging=stderr',
        '--log-level=0', // messages of scripts are of this level
        `--blink-settings=preferredColorScheme=${dark ? 0 : 1}`,
        `--window-size=${width},${height}`,
        `--virtual-time-budget=${time}`,
        '--dump-dom',
        `--screenshot=${screenshot}`,
        isAddress ? page : pathToFileURL(page).href,
      ],
      deadline,
    );
    if (!existsSync(screenshot)) throw new Error(`There is no picture of ${page}: ${stderr}`);
    const corner = firstPixelOf(readFileSync(screenshot));
    return { screenshot, corner, html: stdout, console: messagesIn(stderr) };
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Of a PNG of 8 bits for each colour; each of its filters leaves the first pixel as it is. */
function firstPixelOf(png: Buffer): number[] {
  const data: Buffer[] = [];
  let length: number;
  for (let at = 8; at < png.length; at += 12 + length) {
    length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(png.subarray(at + 8, at + 8 + length));
  }
  return [...inflateSync(Buffer.concat(data)).subarray(1, 4)];
}

function run(
  program: string,
  args: readonly string[],
  deadline: number,
): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    // A group of its own: the browser is a script with many processes.
    const child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      endGroup(child.pid);
    }, deadline);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('exit', () => endGroup(child.pid)); // whoever is left of it
    child.once('close', (status, signal) => {
      clearTimeout(timer);
      const said = stderr.replaceAll(/^.*\bdbus\b.*\n/gm, ''); // a desktop, of which it has no need
      const how = isLate
        ? `did not end within ${deadline / 1000} s`
        : `ended with ${signal ?? status}`;
      if (isLate || status !== 0) reject(new Error(`The browser ${how}: ${said}`));
      else resolve({ stdout, stderr: said });
    });
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of them have ended.
  }
}

/** `[…:INFO:CONSOLE:12] "text", source: file:///… (12)`, where the text may have several lines. */
function messagesIn(stderr: string): string[] {
  return [...stderr.matchAll(/:CONSOLE[:(]\d+\)?\] "([^]*?)", source: .*$/gm)].map(
    ([, text = '']) => text,
  );
}
