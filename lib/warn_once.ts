/** Warnings that the user sees once per process, however often there is a reason. */

const warned = new Set<string>();

/** Emits a process warning, unless one with the same text was emitted before. */
export function warnOnce(text: string, options: { type: string; code: string }): void {
  if (warned.has(text)) return;
  warned.add(text);
  process.emitWarning(text, options);
}
