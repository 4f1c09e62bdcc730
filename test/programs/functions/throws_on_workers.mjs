/** Cannot be imported on a worker. */
import { isMain } from 'mpi-futures';

const factor = 3;
if (!isMain) throw new RangeError('this machine lacks a licence');

export function unreachable(x) {
  return x * factor;
}
