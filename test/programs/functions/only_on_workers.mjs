/** A module that cannot be imported by the program. */

import { isMain } from 'mpi-futures';

if (isMain) throw new Error('this is the program');

export class GoneError extends RangeError {
  name = 'of the instance';
}

export class NamelessError extends TypeError {}
