/** The module hooks of a detour; before Node.js 22.15 this file is loaded by the thread that runs hooks. */

export interface Detour {
  /** The specifier that leads elsewhere. */
  readonly from: string;
  /** Where it leads: a specifier, as `parentURL` would import it, or the URL of `text`. */
  readonly to: string;
  readonly parentURL?: string;
  readonly text?: string;
}

let detour: Detour = { from: '', to: '' };

export function initialize(given: Detour): void {
  detour = given;
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

export function afterDetour<T>(
  { from, to, parentURL, text }: Detour,
  specifier: string,
  context: object,
  next: Next<T>,
): T | Resolved {
  if (specifier !== from) return next(specifier, context);
  if (text !== undefined) return { url: to, format: 'module', shortCircuit: true };
  return next(to, { ...context, parentURL });
}

/** What is loaded instead; undefined: what is there. */
export function textOfDetour({ to, text }: Detour, url: string): Loaded | undefined {
  if (text === undefined || url !== to) return undefined;
  return { format: 'module', source: text, shortCircuit: true };
}

export function resolve(specifier: string, context: object, next: Next<object>): object {
  return afterDetour(detour, specifier, context, next);
}

export function load(url: string, context: object, next: Next<object>): object {
  return textOfDetour(detour, url) ?? next(url, context);
}
