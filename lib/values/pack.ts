/**
 * Lets a class define how its instances are sent: the result of `[pack]()` is sent, and the class's static
 * `[unpack](data)` makes the instance on the other side.
 */

/** The name of the method of an instance that returns the data sent in its place. */
export const pack: unique symbol = Symbol.for('mpi-futures.pack') as never;

/** The name of the static method that makes an instance from the data that `[pack]()` returned. */
export const unpack: unique symbol = Symbol.for('mpi-futures.unpack') as never;
