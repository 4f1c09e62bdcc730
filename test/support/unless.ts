/** Tests that cannot be run everywhere: where they are skipped, their title says why, and so does docs/guide/compatibility.md. */

/** Declares tests, or groups of them. */
interface Declare<Body> {
  (name: string, body: Body): void;
  each: jest.Each;
}

/** Declares tests, which are skipped where there is a reason. */
export function testUnless(why: string | undefined): Declare<jest.ProvidesCallback> {
  return why === undefined ? test : skipping(test.skip, why);
}

/** The same for groups of tests. */
export function describeUnless(why: string | undefined): Declare<jest.EmptyFunction> {
  return why === undefined ? describe : skipping(describe.skip, why);
}

/** Why tests that need Linux are skipped here. */
export const unlessLinux = process.platform === 'linux' ? undefined : 'needs Linux';

/** One skipped test in place of those that are not even declared. */
export function skipped(what: string, why: string): void {
  console.warn(`Skipped: ${what}: ${why}`);
  testUnless(why)(what, () => undefined);
}

function skipping<Body>(skip: Declare<Body>, why: string): Declare<Body> {
  const titled = (name: string) => `${name}: skipped: ${why}`;
  const each = (cases: readonly unknown[]) => (name: string, body: () => void) => {
    skip.each(cases)(titled(name), body);
  };
  const declare = (name: string, body: Body): void => {
    skip(titled(name), body);
  };
  return Object.assign(declare, { each: each as jest.Each });
}
