import { argumentTypeError } from '../argument_errors.js';
import { programFunctions } from '../pool/functions.js';
import { isRequired, loadModule } from '../functions/load_module.js';
import type { AnyFunction } from '../values/functions_in_out.js';
import { validateString } from '../validators.js';

/**
 * Refers to a function that a module exports, so that workers can find it. For programs in which functions cannot be
 * looked up because the inspector is refused (`node --permission`).
 *
 * @param module - `import.meta`, or anything else with the `url` of the module
 * @param name - the name of the export
 * @returns a function for `submit` and `map`; called directly, it imports the module and calls the export
 * @throws {TypeError} for anything else
 */
export function defineTask<F extends AnyFunction = (...args: unknown[]) => unknown>(
  module: { readonly url: string },
  name: string,
): (...args: Parameters<F>) => Promise<Awaited<ReturnType<F>>> {
  const url = (module as { url?: unknown } | undefined)?.url;
  if (typeof url !== 'string') throw argumentTypeError('import.meta', 'module', module);
  validateString(name, 'name');
  const task = async (...args: Parameters<F>): Promise<Awaited<ReturnType<F>>> => {
    const exported = await loadModule({ url, required: isRequired(url) });
    return (await Reflect.apply(exported[name] as F, undefined, args)) as Awaited<ReturnType<F>>;
  };
  programFunctions.declare(task, url, name);
  return task;
}
