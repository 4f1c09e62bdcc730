/**
 * Access to the scope of a module: a function, appended to the module's text, that evaluates code in its top-level
 * scope. Through it everything at the top level can be reached, exported or not, and functions made from their text see
 * what the original saw. At the end of the text, it changes no line and no column.
 */

import { fileURLToPath } from 'node:url';

import { packageUrl } from '../../package_files.js';
import {
  scopeAccessEnd,
  scopeAccessMark,
  startOfScopeAccess,
} from '../../functions/module_access.js';

/** A module in the form that load hooks of Node.js pass on. */
export interface LoadedModule {
  format: string | null | undefined;
  source?: string | ArrayBuffer | NodeJS.TypedArray | undefined;
}

/** A global variable of workers: the only name in the appended text that could conflict with one of the module. */
export const scopes = '__mpi_futures_scopes__';
const ownFiles = packageUrl('dist/');

/** The module with access to its scope appended to its text, if its format allows that. */
export function withScopeAccess<T extends LoadedModule>(url: string, loaded: T): T {
  const { format, source } = loaded;
  if (source === undefined || (source as unknown) === null || !mayHaveScopeAccess(url))
    return loaded;
  const tail = isJavaScript(format, url) ? tailFor(format, url) : undefined;
  if (tail === undefined) return loaded;
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  return startOfScopeAccess(text) >= 0 ? loaded : { ...loaded, source: text + tail };
}

/** The text of a CommonJS module with access to its scope. */
export function commonJsWithScopeAccess(url: string, text: string): string {
  return !mayHaveScopeAccess(url) || startOfScopeAccess(text) >= 0
    ? text
    : text + tailFor('commonjs', url);
}

function mayHaveScopeAccess(url: string): boolean {
  return url.startsWith('file:') && !url.startsWith(ownFiles);
}

function isJavaScript(format: string | null | undefined, url: string): boolean {
  if (format === undefined || format === null) return /\.[cm]?[jt]sx?$/.test(fileURLToPath(url));
  return /^(module|commonjs)(-typescript)?$/.test(format);
}

// Where the format is yet to be detected, the appended text must not decide it: without import.meta it is valid in both.
function tailFor(format: string | null | undefined, url: string): string {
  const name = JSON.stringify(url);
  return format?.startsWith('module') === true
    ? `${scopeAccessMark}{const $importMeta=import.meta;${scopes}.set(${name},(__mpi_futures_code__)=>eval(__mpi_futures_code__));}${scopeAccessEnd}`
    : `${scopeAccessMark}${scopes}.set(${name},function(__mpi_futures_code__){return eval(__mpi_futures_code__)});${scopeAccessEnd}`;
}
