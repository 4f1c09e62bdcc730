/**
 * Changes the source of modules, for Node.js before 22.15, which has no `registerHooks`. Its `register` starts a thread
 * for hooks; where many workers start on one machine, that takes longer than everything else that they do. The loader
 * of ES modules reads files by `fs.promises.readFile` there, which it looks up each time, so it can be given another
 * text. Once any code registers hooks, the loader reads in the thread of the hooks, and this package must have hooks
 * there, too.
 */

import { promises, readFileSync } from 'node:fs';
import Module, { syncBuiltinESMExports } from 'node:module';
import { compileFunction } from 'node:vm';

import { setStackFrames } from '../../stack_frames.js';
import type { LoadedModule } from './scope_text.js';

type ReadFile = (path: unknown, options?: unknown) => Promise<unknown>;

/** Gives a module another source. */
export type ChangeSource = (url: string, loaded: LoadedModule) => LoadedModule;

/**
 * @param probe - a module that has not been loaded, by which this checks that the loader reads as expected
 * @param register - called if the loader does not, and before other code registers hooks
 */
export async function changeSources(
  change: ChangeSource,
  probe: string,
  register: () => void,
): Promise<void> {
  const readFile = promises.readFile as ReadFile;
  const registerOfOthers = Module.register as (...args: unknown[]) => unknown;
  const state = { works: false, registered: false };
  const registerOurs = (): void => {
    if (state.registered) return;
    state.registered = true;
    promises.readFile = readFile as typeof promises.readFile;
    Module.register = registerOfOthers;
    syncBuiltinESMExports();
    register();
  };

  promises.readFile = function (this: unknown, path: unknown, options?: unknown) {
    const reading = Reflect.apply(readFile, this, [path, options]);
    if (!(path instanceof URL) || options !== undefined || !isCalledByLoader()) return reading;
    state.works = true;
    return reading.then((source) => changed(change, path, source as Buffer));
  } as typeof promises.readFile;
  Module.register = (...args: unknown[]) => {
    registerOurs();
    return registerOfOthers(...args);
  };
  syncBuiltinESMExports();

  await import(probe);
  if (!state.works) registerOurs();
}

function changed(change: ChangeSource, url: URL, source: Buffer): unknown {
  return change(url.href, { format: formatOf(url, source), source }).source;
}

/** True if the loader calls, false if the program reads a file of its own. */
function isCalledByLoader(): boolean {
  const prepare: unknown = Reflect.get(Error, 'prepareStackTrace');
  const frames = setStackFrames(3);
  try {
    Reflect.set(Error, 'prepareStackTrace', undefined);
    return new Error().stack?.includes('(node:internal/modules/esm/load') === true;
  } finally {
    setStackFrames(frames);
    Reflect.set(Error, 'prepareStackTrace', prepare);
  }
}

// As Node.js decides it: by extension, package, source.
function formatOf(url: URL, source: Buffer): string | undefined {
  const extension = /\.[cm]?[jt]sx?$/.exec(url.pathname)?.[0];
  if (extension === undefined) return 'other';
  if (extension.startsWith('.m')) return 'module';
  if (extension.startsWith('.c')) return 'commonjs';
  const type = packageType(new URL('.', url));
  return type ?? (isCommonJs(source.toString()) ? 'commonjs' : 'module');
}

const types = new Map<string, 'module' | 'commonjs' | undefined>();

function packageType(directory: URL): 'module' | 'commonjs' | undefined {
  const { href } = directory;
  if (!types.has(href)) types.set(href, readPackageType(directory));
  return types.get(href);
}

function readPackageType(directory: URL): 'module' | 'commonjs' | undefined {
  try {
    const text = readFileSync(new URL('package.json', directory), 'utf8');
    const { type } = JSON.parse(text) as { type?: unknown };
    return type === 'module' || type === 'commonjs' ? type : undefined;
  } catch {
    const parent = new URL('..', directory);
    const isEnd = parent.href === directory.href || directory.pathname.endsWith('/node_modules/');
    return isEnd ? undefined : packageType(parent);
  }
}

function isCommonJs(text: string): boolean {
  try {
    compileFunction(text, ['exports', 'require', 'module', '__filename', '__dirname']);
    return true;
  } catch {
    return false;
  }
}
