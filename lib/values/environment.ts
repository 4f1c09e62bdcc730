/** `process.env` is no plain object, but is sent as one, as structured clone does. */

const environments = new WeakSet([process.env]);

/** Lets an object be sent as `process.env` is, for which it stands. */
export function sendAsEnvironment(variables: NodeJS.ProcessEnv): void {
  environments.add(variables);
}

/** True for `process.env`, and for what stands for it. */
export function isEnvironment(object: object): boolean {
  return environments.has(object as NodeJS.ProcessEnv);
}
