/**
 * How a class says itself how its instances travel: what `[pack]()` returns is sent, and the class's static
 * `[unpack](data)` makes the instance of it on the other side.
 */

/** Name of the method of an instance that returns what is sent in its place. */
export const pack: unique symbol = Symbol.for('mpi-futures.pack') as never;

/** Name of the static method that makes an instance of what `[pack]()` returned. */
export const unpack: unique symbol = Symbol.for('mpi-futures.unpack') as never;
