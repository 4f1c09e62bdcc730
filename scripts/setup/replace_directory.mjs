import fs from 'node:fs';

/**
 * Makes a directory anew beside the one that is there, which programs may be using meanwhile: tests in another terminal,
 * say. If that fails, the one that is there stays.
 * @param {string} directory
 * @param {(fresh: string) => void} fill
 */
export function replaceDirectory(directory, fill) {
  const fresh = `${directory}.${process.pid}`;
  const former = `${fresh}.former`;
  try {
    fill(fresh);
    if (fs.existsSync(directory)) fs.renameSync(directory, former);
    fs.renameSync(fresh, directory);
  } finally {
    for (const each of [fresh, former]) fs.rmSync(each, { recursive: true, force: true });
  }
}
