/** The statement that gives access to the scope of a module. Workers add it to the module's text. */

/** A global variable of workers: the only name in the statement that could conflict with one of the module. */
export const scopesVariable = '__mpi_futures_scopes__';

/** The statement for the module `url`. Without import.meta, which only ES modules have, it is valid in every module. */
export function scopeAccessStatement(url: string, isModule: boolean): string {
  const name = JSON.stringify(url);
  const statement = isModule
    ? `{const $importMeta=import.meta;${scopesVariable}.set(${name},(__mpi_futures_code__)=>eval(__mpi_futures_code__));}`
    : `${scopesVariable}.set(${name},function(__mpi_futures_code__){return eval(__mpi_futures_code__)});`;
  return `;/* mpi-futures: a way into this module */${statement}/* mpi-futures: end of it */`;
}

// With the call after the mark, since a bundle may contain this package, and so the mark in a string.
const added =
  /;\/\* mpi-futures: a way into this module \*\/(?:\{const \$importMeta=import\.meta;)?__mpi_futures_scopes__\.set\(.*?\/\* mpi-futures: end of it \*\//;

/** True if a module's text has the statement. */
export function hasScopeAccess(text: string): boolean {
  return added.test(text);
}

/** A module's text as it was before the statement was added. */
export function withoutScopeAccess(text: string): string {
  return text.replace(added, '');
}
