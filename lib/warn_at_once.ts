/**
 * Emits a process warning now. `process.emitWarning` does it in a later turn, and in an 'exit' listener there is none.
 */
export function warnAtOnce(
  message: string,
  { type, ...more }: { type: string; code?: string; detail?: string | undefined },
): void {
  const warning = Object.assign(new Error(message), { name: type, ...more });
  // The frames of this package do not help the user.
  warning.stack = `${type}: ${message}`;
  process.emit('warning', warning);
}
