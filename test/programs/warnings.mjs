/** Warnings of this process. */

/** Resolves to the next one of this name. Others may come before, as that of a slow start on a busy machine. */
export function warningNamed(name) {
  return new Promise((resolve) => {
    process.on('warning', function listen(warning) {
      if (warning.name !== name) return;
      process.off('warning', listen);
      resolve(warning);
    });
  });
}
