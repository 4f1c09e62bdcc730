import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../paths.mjs';

const directory = path.join(root, 'build', 'setup');

/**
 * @param {string} step
 * @param {string} fingerprint
 */
export function isCurrent(step, fingerprint) {
  const stamp = path.join(directory, step);
  return fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === fingerprint;
}

/**
 * @param {string} step
 * @param {string} fingerprint
 */
export function markCurrent(step, fingerprint) {
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(path.join(directory, step), fingerprint);
}

/**
 * @param {readonly string[]} facts
 * @returns {string} one that differs when any of the facts does
 */
export function fingerprintOf(facts) {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

/**
 * Names and contents of the files at these places of the package; of directories, all files below.
 * @param {readonly string[]} places
 * @returns {string[]}
 */
export function contents(places) {
  return places.flatMap((place) => {
    const absolute = path.join(root, place);
    if (!fs.statSync(absolute).isDirectory()) return [place, fs.readFileSync(absolute, 'utf8')];
    const names = fs.readdirSync(absolute).sort();
    return contents(names.map((name) => path.join(place, name)));
  });
}

/**
 * Which installed file this is: a new version of it, or another one under the same name, has
 * another identity.
 * @param {string | undefined} file
 * @returns {string}
 */
export function identity(file) {
  if (file === undefined) return '';
  const target = fs.realpathSync(file);
  const { size, mtimeMs } = fs.statSync(target);
  return [file, target, size, mtimeMs].join();
}
