/** The module hooks of a redirect. Before Node.js 22.15 this file is loaded by the thread that runs hooks. */

/** A specifier, and the module that is loaded in place of its own. */
export interface Redirect {
  /** The specifier that is redirected. */
  readonly from: string;
  /** The target: a specifier, resolved from `parentURL`, or the URL of `text`. */
  readonly to: string;
  readonly parentURL?: string;
  readonly text?: string;
}

let current: Redirect = { from: '', to: '' };

/** Called by Node.js when it has loaded these hooks in their thread. */
export function initialize(given: Redirect): void {
  current = given;
}

interface Resolved {
  readonly url: string;
  readonly format?: string;
  readonly shortCircuit?: boolean;
}

interface Loaded {
  readonly format: string | null | undefined;
  readonly source?: string;
  readonly shortCircuit?: boolean;
}

type Next<T> = (specifier: string, context: object) => T;

/** Resolves the redirected specifier to its target, and any other by `next`. */
export function resolveRedirected<T>(
  { from, to, parentURL, text }: Redirect,
  specifier: string,
  context: object,
  next: Next<T>,
): T | Resolved {
  if (specifier !== from) return next(specifier, context);
  if (text !== undefined) return { url: to, format: 'module', shortCircuit: true };
  return next(to, { ...context, parentURL });
}

/** The module to load in place of the one at `url`; undefined: load that one. */
export function redirectedText({ to, text }: Redirect, url: string): Loaded | undefined {
  if (text === undefined || url !== to) return undefined;
  return { format: 'module', source: text, shortCircuit: true };
}

/** Node.js's hook of this name. */
export function resolve(specifier: string, context: object, next: Next<object>): object {
  return resolveRedirected(current, specifier, context, next);
}

/** Node.js's hook of this name. */
export function load(url: string, context: object, next: Next<object>): object {
  return redirectedText(current, url) ?? next(url, context);
}
