import { inspect, type InspectOptions } from 'node:util';

const shown = new Set<object>();

/**
 * Text for `util.inspect` of an object whose fields are private: `Future { state: 'running' }`. It never throws, and shows
 * an object that is part of its own fields once.
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
