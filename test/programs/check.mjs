/**
 * Makes one check and prints its outcome as a line of JSON, for test/support/checks.ts. A failed one does not end the
 * program; it sets its status. A body that can check nothing here returns what {@link unable} does.
 */
export async function check(name, body) {
  let failure;
  let skipped;
  try {
    skipped = (await body())?.[reason];
  } catch (error) {
    failure = String(error?.stack ?? error);
    process.exitCode = 1;
  }
  console.log(JSON.stringify({ check: name, ok: failure === undefined, failure, skipped }));
}

export const reason = Symbol('reason');

/** Says in the output of the tests why a check is not made. */
export function unable(why) {
  return { [reason]: why };
}
