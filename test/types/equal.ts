/** True for two types that are the same one, not merely assignable to each other. */
// Two conditional types are identical only if the types they test for are.
/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters */
export type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `is<number>()(value)` compiles if and only if the type of `value` is `number`. Never called. */
export declare function is<Expected>(): <Actual>(
  value: Actual,
  ...differs: Equal<Actual, Expected> extends true ? [] : [expected: Expected]
) => void;
