import { argumentTypeError } from '../argument_errors.js';
import { validateFunction, validateIterable } from '../validators.js';
import { isFuture, type Future } from './future.js';

/**
 * The futures that an iterable yields now, duplicates included.
 * @throws {TypeError} for anything that is no iterable, or yields something else than futures
 */
export function listFutures<F extends Future<unknown>>(futures: Iterable<F>): F[] {
  validateIterable(futures, 'futures', 'futures');
  const list = [...futures];
  list.forEach((future, index) => validateFuture(future, `futures[${index}]`));
  return list;
}

/** A future of this package: any other promise can neither be asked for its state nor cancelled. */
export function validateFuture(value: unknown, name: string): asserts value is Future<unknown> {
  if (!isFuture(value)) throw argumentTypeError('a future of this package', name, value);
}

/** A function, or none. */
export function validateHook(value: unknown, name: string): void {
  if (value !== undefined && value !== null) validateFunction(value, name);
}
