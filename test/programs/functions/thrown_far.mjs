/** Classes that the program knows only by way of thrown.mjs. */

export class FarError extends Error {}

/** As in thrown.mjs, word by word. */
export class TwinError extends Error {}

export function throwFar() {
  throw new FarError('far');
}
