/**
 * Where a function was defined, asked from V8's inspector in this thread.
 *
 * Callbacks of a session on the own thread are synchronous. The script of a function is known without the debugger; only
 * the URL of a script needs it, so it is enabled for a moment when a script is met for the first time. It must never stay
 * enabled: asynchronous code is six to twelve times slower meanwhile.
 */

import { Session, type Debugger, type Runtime } from 'node:inspector';
import { pathToFileURL } from 'node:url';
import { runInThisContext } from 'node:vm';

export interface FunctionLocation {
  /** URL of the script: `file:///…` for a module on disk. */
  readonly url: string;
  /** Zero-based position in the script as V8 sees it. */
  readonly line: number;
  readonly column: number;
}

let session: Session | undefined;
const urls = new Map<string, string>();

/** The location of `fn`; undefined for built-in and bound functions, which have none. */
export function locateFunction(fn: (...args: never[]) => unknown): FunctionLocation | undefined {
  const position = positionOf(fn);
  if (position === undefined) return undefined;
  const { scriptId, lineNumber, columnNumber } = position;
  return { url: urlOf(scriptId), line: lineNumber, column: columnNumber ?? 0 };
}

// Runtime.evaluate sees the main realm; inside jest the global object of this module is another one.
const mainRealm = runInThisContext('globalThis') as Record<PropertyKey, unknown>;
const holder = '__mpi_futures_located_function__';

function positionOf(fn: unknown): Debugger.Location | undefined {
  mainRealm[holder] = fn;
  try {
    const evaluated = post('Runtime.evaluate', {
      expression: `globalThis.${holder}`,
    }) as Runtime.EvaluateReturnType;
    const objectId = evaluated.result.objectId;
    const properties = post('Runtime.getProperties', {
      objectId,
      ownProperties: true,
    }) as Runtime.GetPropertiesReturnType;
    post('Runtime.releaseObject', { objectId });
    const found = properties.internalProperties?.find(
      ({ name }) => name === '[[FunctionLocation]]',
    );
    return found?.value?.value as Debugger.Location | undefined;
  } finally {
    Reflect.deleteProperty(mainRealm, holder);
  }
}

function urlOf(scriptId: string): string {
  if (!urls.has(scriptId)) learnUrls();
  const url = urls.get(scriptId) ?? '';
  return url.startsWith('/') ? pathToFileURL(url).href : url;
}

function learnUrls(): void {
  const remember = ({ params }: { params: Debugger.ScriptParsedEventDataType }): void => {
    urls.set(params.scriptId, params.url);
  };
  const inspector = connect();
  inspector.on('Debugger.scriptParsed', remember);
  try {
    post('Debugger.enable', {});
    post('Debugger.disable', {});
  } finally {
    inspector.off('Debugger.scriptParsed', remember);
  }
}

// The caller knows what the method returns; callbacks of a session on the own thread are called before post() returns.
function post(method: string, parameters: object): unknown {
  const outcome: { error?: Error | null; result?: unknown } = {};
  connect().post(method, parameters, (error, result) => {
    outcome.error = error;
    outcome.result = result;
  });
  if (outcome.error) throw outcome.error;
  return outcome.result;
}

function connect(): Session {
  if (session === undefined) {
    session = new Session();
    session.connect();
  }
  return session;
}
