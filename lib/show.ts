import { inspect, type InspectOptions } from 'node:util';

const shown = new Set<object>();

/**
 * Makes the `util.inspect` text of an object whose fields are private: `Future { state: 'running' }`. Never throws, and
 * shows an object only once if its own fields contain it.
 */
export function show(
  object: object,
  name: string,
  fields: object,
  depth: number | null,
  options: InspectOptions,
): string {
  if (depth !== null && depth < 0) return `[${name}]`;
  if (shown.has(object)) return `[Circular ${name}]`;
  shown.add(object);
  try {
    return `${name} ${inspect(fields, { ...options, depth })}`;
  } catch {
    return `${name} { cannot be shown }`; // something in it refuses
  } finally {
    shown.delete(object);
  }
}
