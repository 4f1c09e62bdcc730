/** Errors of tasks on their way from a worker to the master. */

/** What is sent of an error; a thrown value that is none is sent as itself. */
export type RemoteError =
  | { readonly thrown: unknown }
  | {
      readonly name: string;
      readonly message: string;
      readonly stack: string;
      readonly properties: Readonly<Record<string, unknown>>;
      readonly cause?: RemoteError;
      readonly errors?: readonly RemoteError[];
    };

const builtIn: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};
const deepest = 16;

/** Describes what was thrown. Never throws itself: a getter that does is left out. */
export function describeError(
  thrown: unknown,
  canTravel: (value: unknown) => boolean,
  depth = 0,
): RemoteError {
  if (!(thrown instanceof Error))
    return { thrown: canTravel(thrown) ? thrown : safely(() => String(thrown), '') };
  const properties: Record<string, unknown> = {};
  for (const key of Object.keys(thrown)) {
    const value = safely(() => (thrown as unknown as Record<string, unknown>)[key], undefined);
    if (!['name', 'message', 'stack', 'cause', 'errors'].includes(key) && canTravel(value))
      properties[key] = value;
  }
  const { cause, errors } = thrown as { cause?: unknown; errors?: unknown };
  return {
    name: textOf(thrown, 'name', 'Error'),
    message: textOf(thrown, 'message', ''),
    stack: textOf(thrown, 'stack', ''),
    properties,
    ...(cause !== undefined &&
      depth < deepest && { cause: describeError(cause, canTravel, depth + 1) }),
    ...(Array.isArray(errors) &&
      depth < deepest && {
        errors: errors.map((error) => describeError(error, canTravel, depth + 1)),
      }),
  };
}

/** The error that `remote` describes, its stack followed by `where`: `at worker 1 of 4 on node7`. */
export function restoreError(remote: RemoteError, where: string): unknown {
  if ('thrown' in remote) return remote.thrown;
  const { name, message, stack, properties, cause, errors } = remote;
  const options = cause === undefined ? undefined : { cause: restoreError(cause, where) };
  const error =
    errors === undefined
      ? new (builtIn[name] ?? Error)(message, options)
      : new AggregateError(
          errors.map((one) => restoreError(one, where)),
          message,
          options,
        );
  if (error.name !== name) hidden(error, 'name', name);
  hidden(error, 'stack', `${stack}\n    ${where}`);
  return Object.assign(error, properties);
}

// What is declared a string may be anything: it can be assigned to.
function textOf(error: Error, key: 'name' | 'message' | 'stack', otherwise: string): string {
  return safely(() => String(error[key] as unknown), otherwise);
}

function hidden(error: Error, key: string, value: string): void {
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
