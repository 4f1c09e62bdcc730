/**
 * Access to the scope of a module: a function, added to the module's text, that evaluates code in its top-level scope.
 * Through it everything at the top level can be reached, exported or not, and functions made from their text see what
 * the original saw. It is at the end of the text, where it changes no line and no column, unless the module may return
 * before.
 */

import { fileURLToPath } from 'node:url';

import { packageUrl } from '../../package_files.js';
import { hasScopeAccess, scopeAccessStatement } from '../../functions/scope_access_text.js';
import { placeBeforeReturn } from './place_of_access.js';

/** A module in the form that load hooks of Node.js pass on. */
export interface LoadedModule {
  format: string | null | undefined;
  source?: string | ArrayBuffer | NodeJS.TypedArray | undefined;
}

const ownFiles = packageUrl('dist/');

/** The module with access to its scope in its text, if its format allows that. */
export function withScopeAccess<T extends LoadedModule>(url: string, loaded: T): T {
  const { format, source } = loaded;
  if (source === undefined || (source as unknown) === null || !mayHaveScopeAccess(url))
    return loaded;
  if (!isJavaScript(format, url)) return loaded;
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  if (hasScopeAccess(text)) return loaded;
  // Where the format is yet to be detected, the added text must not decide it.
  const isModule = format?.startsWith('module') === true;
  return { ...loaded, source: isModule ? atEnd(text, url, isModule) : inTime(text, url) };
}

/** The text of a CommonJS module with access to its scope. */
export function commonJsWithScopeAccess(url: string, text: string): string {
  return !mayHaveScopeAccess(url) || hasScopeAccess(text) ? text : inTime(text, url);
}

function mayHaveScopeAccess(url: string): boolean {
  return url.startsWith('file:') && !url.startsWith(ownFiles);
}

function isJavaScript(format: string | null | undefined, url: string): boolean {
  if (format === undefined || format === null) return /\.[cm]?[jt]sx?$/.test(fileURLToPath(url));
  return /^(module|commonjs)(-typescript)?$/.test(format);
}

function atEnd(text: string, url: string, isModule: boolean): string {
  return `${text}\n${scopeAccessStatement(url, isModule)}`;
}

// Not looked for in packages, which are many files.
function inTime(text: string, url: string): string {
  const place = url.includes('/node_modules/') ? undefined : placeBeforeReturn(text);
  return place === undefined
    ? atEnd(text, url, false)
    : text.slice(0, place) + scopeAccessStatement(url, false) + text.slice(place);
}
