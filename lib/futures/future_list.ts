import { argumentTypeError } from '../argument_errors.js';
import { validateIterable } from '../validators.js';
import { isFuture, type Future } from './future.js';

/**
 * The futures that an iterable yields now, including duplicates.
 *
 * @throws {TypeError} for anything that is not iterable, or yields something other than futures
 */
export function listFutures<F extends Future<unknown>>(futures: Iterable<F>): F[] {
  validateIterable(futures, 'futures', 'futures');
  const list = [...futures];
  list.forEach((future, index) => validateFuture(future, `futures[${index}]`));
  return list;
}

/** Accepts a future of this package: other promises have no state and cannot be cancelled. */
export function validateFuture(value: unknown, name: string): asserts value is Future<unknown> {
  if (!isFuture(value)) throw argumentTypeError('a future of this package', name, value);
}
