/** Variables that switch something off: the same words as in native/ending/environment.h. */

/** True if the variable has one of the words that switch off. */
export function isSwitchedOff(name: string, environment: NodeJS.ProcessEnv = process.env): boolean {
  return /^(0|off|no|false)$/.test(environment[name] ?? '');
}
