/** Errors of tasks on their way from a worker to the master. */

/** What is sent of an error; a thrown value that is none is sent as itself. */
export type RemoteError = { readonly thrown: unknown } | RemoteErrorObject;

interface RemoteErrorObject {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly properties: Record<string, unknown>;
  cause?: RemoteError;
  errors?: RemoteError[];
}

const builtIn = new Map<string, ErrorConstructor>(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(
    (constructor) => [constructor.name, constructor],
  ),
);

/** More errors than this, with causes and `errors`, are not sent. */
const mostErrors = 100;

/**
 * Describes what was thrown. Never throws itself: what cannot be read, or cannot travel, is left out.
 *
 * @param canTravel - whether a value can be encoded
 */
export function describeError(
  thrown: unknown,
  canTravel: (value: unknown) => boolean,
): RemoteError {
  const known = new Map<unknown, RemoteError>();

  function describe(value: unknown): RemoteError | undefined {
    const earlier = known.get(value);
    if (earlier !== undefined) return earlier;
    if (known.size === mostErrors) return undefined;
    return safely(() => value instanceof Error, false)
      ? describeObject(value as Error)
      : other(value);
  }

  function other(value: unknown): RemoteError {
    return { thrown: canTravel(value) ? value : safely(() => String(value), 'an unknown value') };
  }

  function describeObject(error: Error): RemoteError {
    const remote: RemoteErrorObject = {
      name: textOf(error, 'name', 'Error'),
      message: textOf(error, 'message', ''),
      stack: textOf(error, 'stack', ''),
      properties: propertiesOf(error),
    };
    known.set(error, remote);
    const cause = describeMember(safely(() => error.cause, undefined));
    if (cause !== undefined) remote.cause = cause;
    const errors = safely(() => (error as { errors?: unknown }).errors, undefined);
    if (Array.isArray(errors)) remote.errors = errors.flatMap((one) => describe(one) ?? []);
    return remote;
  }

  function describeMember(value: unknown): RemoteError | undefined {
    return value === undefined ? undefined : describe(value);
  }

  function propertiesOf(error: Error): Record<string, unknown> {
    const properties: Record<string, unknown> = {};
    for (const key of safely(() => Object.keys(error), [])) {
      if (['name', 'message', 'stack', 'cause', 'errors', '__proto__'].includes(key)) continue;
      const value = safely(() => (error as unknown as Record<string, unknown>)[key], undefined);
      if (canTravel(value)) properties[key] = value;
    }
    return properties;
  }

  return describe(thrown) ?? other(thrown);
}

/** The error that `remote` describes, its stack followed by `where`: `at worker 1 of 4 on node7`. */
export function restoreError(remote: RemoteError, where: string): unknown {
  const known = new Map<RemoteError, unknown>();

  function restore(one: RemoteError): unknown {
    if ('thrown' in one) return one.thrown;
    if (known.has(one)) return known.get(one);
    const { name, message, stack, properties, cause, errors } = one;
    const error =
      errors === undefined ? createError(name, message) : new AggregateError([], message);
    known.set(one, error);
    if (cause !== undefined) hidden(error, 'cause', restore(cause));
    if (errors !== undefined) hidden(error, 'errors', errors.map(restore));
    if (error.name !== name) hidden(error, 'name', name);
    hidden(error, 'stack', `${stack}\n    ${where}`);
    return Object.assign(error, properties);
  }

  return restore(remote);
}

function createError(name: string, message: string): Error {
  return new (builtIn.get(name) ?? Error)(message);
}

// What is declared a string may be anything: it can be assigned to.
function textOf(error: Error, key: 'name' | 'message' | 'stack', otherwise: string): string {
  return safely(() => String(error[key] as unknown), otherwise);
}

function hidden(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, {
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  });
}

function safely<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
