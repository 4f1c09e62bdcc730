/** The types of MPI for the elements of arrays, as native/communicators/collectives.cc numbers them. */

import { bufferType, viewTypes } from '../../values/buffers/views.js';
import { BAND, BOR, BXOR, MAX, MIN, PROD, SUM, type Operation } from './operations.js';
import { arrayBufferKind, nameOfKind } from '../messages/payload.js';

const byName = (name: string): number => viewTypes.findIndex((type) => type?.name === name);

const bytes = 0;
const uint8 = byName('Uint8Array');
const firstFloat = byName('Float32Array');
const lastFloat = byName('Float64Array');
const lastType = byName('BigUint64Array');

const arithmetic: readonly Operation[] = [SUM, PROD, MIN, MAX];
const bitwise: readonly Operation[] = [BAND, BOR, BXOR];

/** @throws {TypeError} where MPI has no such operation on such elements */
export function elementTypeFor(kind: number, operation: Operation): number {
  const type = typeOf(kind);
  const isFloat = type >= firstFloat && type <= lastFloat;
  const fits = type === bytes ? bitwise : isFloat ? arithmetic : undefined;
  const isKnown = type <= lastType && (fits?.includes(operation) ?? true);
  if (isKnown) return type;
  const possible = fits?.map(({ name }) => name).join(', ');
  throw Object.assign(
    new TypeError(
      `${nameOfKind(kind)} cannot be reduced by ${operation.name}` +
        (type > lastType
          ? ': MPI has no such elements. Use a function, or a Float32Array'
          : `, only by ${possible} or a function`),
    ),
    { code: 'ERR_INVALID_ARG_VALUE' },
  );
}

function typeOf(kind: number): number {
  if (kind === bufferType) return uint8;
  return kind === arrayBufferKind ? bytes : kind;
}
