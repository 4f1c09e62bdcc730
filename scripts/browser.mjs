// The browser that tests look at pages with. Without one, these tests are skipped.

import { accessSync, constants } from 'node:fs';
import { findProgram } from './programs.mjs';

const NAMES = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
];

const ON_MACOS = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/**
 * Chromium, or Chrome.
 * @returns {string | undefined}
 */
export function findBrowser() {
  const onPath = NAMES.map(findProgram).find((program) => program !== undefined);
  return onPath ?? (isThere(ON_MACOS) ? ON_MACOS : undefined);
}

/** @param {string} file */
function isThere(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
