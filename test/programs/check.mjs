/**
 * Makes one check and prints its outcome as a line of JSON, for test/support/checks.ts. A failed one does not end the
 * program; it sets its status.
 */
export async function check(name, body) {
  let failure;
  try {
    await body();
  } catch (error) {
    failure = String(error?.stack ?? error);
    process.exitCode = 1;
  }
  console.log(JSON.stringify({ check: name, ok: failure === undefined, failure }));
}
