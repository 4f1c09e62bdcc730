/**
 * Asks V8's inspector of this thread about functions. Callbacks of a session on the own thread are synchronous, so a
 * function can be described within `submit`. The debugger is needed only for the URL and text of a script, and is
 * disabled once the code that asks has ended, because asynchronous code is six to twelve times slower while it is on.
 */

import { Session, url as debuggerUrl, type Debugger, type Runtime } from 'node:inspector';
import { runInThisContext } from 'node:vm';

import { DataCloneError } from '../errors.js';
import type { AnyFunction } from '../values/functions_in_out.js';

/** A script that V8 has compiled, with its text. */
export interface Script {
  readonly id: string;
  readonly url: string;
  readonly isModule: boolean;
  /** The position that V8 gives its first character. */
  readonly start: { readonly line: number; readonly column: number };
  readonly source: string;
}

/** The inspector's knowledge of one function. Must be released. */
export interface InspectedFunction {
  /** The place of its definition; undefined for native and bound functions. */
  readonly location: Debugger.Location | undefined;
  readonly bound: BoundFunction | undefined;
  /** True if it was defined in an ES module. */
  readonly isOfModule: () => boolean;
  /** The values of `names` in the scopes around the function, innermost first; names that do not exist are omitted. */
  variables(names: readonly string[]): Map<string, unknown>;
  /** The values of `names` at the top level of its ES module alone. */
  variablesOfModule(names: readonly string[]): Map<string, unknown>;
}

/** The parts of a function that `bind` made. */
export interface BoundFunction {
  readonly target: AnyFunction;
  readonly self: unknown;
  readonly args: readonly unknown[];
}

// Runtime.evaluate sees the main realm; inside jest the global object of this module is another one.
const mainRealm = runInThisContext('globalThis') as Record<PropertyKey, unknown>;
const inspectedGlobal = '__mpi_futures_inspected__';
const group = 'mpi-futures';

let session: Session | undefined;
const scripts = new Map<string, Omit<Script, 'source'> & { source?: string }>();
/** The URLs of scripts that stay. Others come and go, as those that `eval` makes: they are known only for a moment. */
const staying = /^(file|node|data|https?):|^\//;

/** Calls `look` with what the inspector knows about `fn`. */
export function inspectFunction<T>(fn: AnyFunction, look: (inspected: InspectedFunction) => T): T {
  try {
    const objectId = remoteId(fn);
    const { internalProperties = [] } = post<Runtime.GetPropertiesReturnType>(
      'Runtime.getProperties',
      { objectId, ownProperties: true },
    );
    const internal = new Map(internalProperties.map(({ name, value }) => [name, value]));
    return look({
      location: internal.get('[[FunctionLocation]]')?.value as Debugger.Location | undefined,
      bound: boundFunction(internal),
      isOfModule: () => scopesOf(internal).some(isModule),
      variables: (names) => variablesOf(scopesOf(internal), names),
      variablesOfModule: (names) => variablesOf(scopesOf(internal).filter(isModule), names),
    });
  } finally {
    post('Runtime.releaseObjectGroup', { objectGroup: group });
  }
}

/** The script with this id, with V8's own text as it was compiled. */
export function scriptWithId(id: string): Script {
  const known = scripts.get(id);
  if (known?.source !== undefined) return known as Script;
  return withDebugger(() => {
    const { scriptSource: source } = post<Debugger.GetScriptSourceReturnType>(
      'Debugger.getScriptSource',
      { scriptId: id },
    );
    const unnamed = { id, url: '', isModule: false, start: { line: 0, column: 0 } };
    const script = { ...(scripts.get(id) ?? unnamed), source }; // of what is not staying, disableDebugger() forgets it
    scripts.set(id, script);
    return script;
  });
}

/** The URLs of the scripts that have led to this call, by their ids. */
export function urlsOnStack(): Map<string, string> {
  post('Runtime.enable', {});
  try {
    const thrown = { expression: 'throw new Error()', silent: true, objectGroup: group };
    const { exceptionDetails } = post<Runtime.EvaluateReturnType>('Runtime.evaluate', thrown);
    const frames = exceptionDetails?.stackTrace?.callFrames ?? [];
    return new Map(frames.map(({ scriptId, url }) => [scriptId, url]));
  } finally {
    post('Runtime.disable', {});
  }
}

/** A function, or the top level of a script, that has led to the present call. */
export interface Caller {
  readonly url: string;
  readonly isModule: boolean;
  /** The names of its own variables, and of those between it and the top level of its script. */
  innerNames(): ReadonlySet<string>;
  /** Evaluates an expression there. */
  evaluate(expression: string): unknown;
}

/**
 * Calls `look` with everything that has led to this call, innermost first, while V8 is paused for a moment. Does
 * nothing while a debugger may be attached to this process, because the debugger would pause, too.
 */
export function inspectCallers(look: (callers: readonly Caller[]) => void): void {
  if (debuggerUrl() !== undefined) return;
  withDebugger(() => {
    const halted = ({ params }: { params: Debugger.PausedEventDataType }): void => {
      look(params.callFrames.map(callerAt));
    };
    const inspector = connect();
    inspector.on('Debugger.paused', halted);
    try {
      // eslint-disable-next-line no-debugger -- a session of this thread itself goes on at once
      debugger;
    } finally {
      inspector.off('Debugger.paused', halted);
      post('Runtime.releaseObjectGroup', { objectGroup: group });
    }
  });
}

function callerAt({ callFrameId, location, scopeChain }: Debugger.CallFrame): Caller {
  const { url = '', isModule = false } = scripts.get(location.scriptId) ?? {};
  return {
    url,
    isModule,
    innerNames: () => {
      const outer = isModule
        ? scopeChain.findIndex(({ type }) => type === 'module')
        : scopeChain.findLastIndex(({ type }) => type === 'local' || type === 'closure');
      const inner = scopeChain.slice(0, Math.max(outer, 0));
      const ids = inner.map(({ object }) => object.objectId).filter((id) => id !== undefined);
      return new Set(ids.flatMap((id) => ownProperties(id).map(({ name }) => name)));
    },
    evaluate: (expression) => {
      const asked = { callFrameId, expression, silent: true, objectGroup: group };
      const { result } = post<Debugger.EvaluateOnCallFrameReturnType>(
        'Debugger.evaluateOnCallFrame',
        asked,
      );
      return valuesOf([result])[0];
    },
  };
}

/** All functions of this process, wherever they are referenced. Walks the heap, which takes some 60 ms. */
export function functionsInHeap(): AnyFunction[] {
  let found: AnyFunction[] = [];
  mainRealm[inspectedGlobal] = (all: AnyFunction[]): void => {
    found = all.filter((fn) => typeof fn === 'function');
  };
  try {
    const prototype = evaluate('Function.prototype');
    const { objects } = post<Runtime.QueryObjectsReturnType>('Runtime.queryObjects', {
      prototypeObjectId: prototype.objectId,
      objectGroup: group,
    });
    post('Runtime.callFunctionOn', {
      objectId: objects.objectId,
      functionDeclaration: `function () { ${inspectedGlobal}(this); }`,
    });
  } finally {
    Reflect.deleteProperty(mainRealm, inspectedGlobal);
    post('Runtime.releaseObjectGroup', { objectGroup: group });
  }
  return found;
}

function remoteId(value: unknown): string {
  mainRealm[inspectedGlobal] = value;
  try {
    return evaluate(inspectedGlobal).objectId ?? '';
  } finally {
    Reflect.deleteProperty(mainRealm, inspectedGlobal);
  }
}

function evaluate(expression: string): Runtime.RemoteObject {
  return post<Runtime.EvaluateReturnType>('Runtime.evaluate', { expression, objectGroup: group })
    .result;
}

function boundFunction(
  internal: ReadonlyMap<string, Runtime.RemoteObject | undefined>,
): BoundFunction | undefined {
  const target = internal.get('[[TargetFunction]]');
  if (target === undefined) return undefined;
  const [fn, self, args] = valuesOf([
    target,
    internal.get('[[BoundThis]]'),
    internal.get('[[BoundArgs]]'),
  ]);
  return { target: fn as AnyFunction, self, args: Array.from(args as unknown[]) };
}

function scopesOf(
  internal: ReadonlyMap<string, Runtime.RemoteObject | undefined>,
): Runtime.PropertyDescriptor[] {
  const id = internal.get('[[Scopes]]')?.objectId;
  return id === undefined ? [] : ownProperties(id);
}

function isModule({ value: scope }: Runtime.PropertyDescriptor): boolean {
  return scope?.description === 'Module';
}

function variablesOf(
  scopes: readonly Runtime.PropertyDescriptor[],
  names: readonly string[],
): Map<string, unknown> {
  const wanted = new Set(names);
  const found: [string, Runtime.RemoteObject | undefined][] = [];
  for (const { name: index, value: scope } of scopes) {
    if (wanted.size === 0 || scope?.description === 'Global') break;
    if (!/^\d+$/.test(index) || scope?.objectId === undefined) continue;
    for (const { name, value } of ownProperties(scope.objectId)) {
      // In its dead zone a variable has no value, or, before Node.js 22, an undefined one.
      if (value !== undefined && wanted.delete(name)) found.push([name, value]);
    }
  }
  const values = valuesOf(found.map(([, value]) => value));
  return new Map(found.map(([name], index) => [name, values[index]]));
}

function ownProperties(objectId: string): Runtime.PropertyDescriptor[] {
  return post<Runtime.GetPropertiesReturnType>('Runtime.getProperties', {
    objectId,
    ownProperties: true,
  }).result;
}

/** The values of remote objects, in one call. */
function valuesOf(remotes: readonly (Runtime.RemoteObject | undefined)[]): unknown[] {
  let values: unknown[] = [];
  const first = remotes.find((remote) => remote?.objectId !== undefined);
  if (first === undefined) return remotes.map(primitiveOf);
  mainRealm[inspectedGlobal] = (...all: unknown[]): void => {
    values = all;
  };
  try {
    post('Runtime.callFunctionOn', {
      objectId: first.objectId,
      functionDeclaration: `function (...values) { ${inspectedGlobal}(...values); }`,
      arguments: remotes.map((remote) =>
        remote?.objectId === undefined ? { value: null } : { objectId: remote.objectId },
      ),
    });
  } finally {
    Reflect.deleteProperty(mainRealm, inspectedGlobal);
  }
  return remotes.map((remote, index) =>
    remote?.objectId === undefined ? primitiveOf(remote) : values[index],
  );
}

function primitiveOf(remote: Runtime.RemoteObject | undefined): unknown {
  if (remote?.unserializableValue === undefined) return remote?.value;
  return remote.type === 'bigint'
    ? BigInt(remote.unserializableValue.slice(0, -1))
    : Number(remote.unserializableValue);
}

let isDebuggerOn = false;

/** Enables the debugger until the code that runs now has ended: V8 then reads all scripts, so it is not done for each function. */
function withDebugger<T>(ask: () => T): T {
  if (!isDebuggerOn) enableDebugger();
  return ask();
}

function enableDebugger(): void {
  connect().on('Debugger.scriptParsed', remember);
  post('Debugger.enable', {});
  isDebuggerOn = true;
  void Promise.resolve().then(disableDebugger);
}

function disableDebugger(): void {
  isDebuggerOn = false;
  post('Debugger.disable', {});
  connect().off('Debugger.scriptParsed', remember);
  for (const [id, { url }] of scripts) if (!staying.test(url)) scripts.delete(id);
}

function remember({ params }: { params: Debugger.ScriptParsedEventDataType }): void {
  const { scriptId: id, url, isModule = false, startLine, startColumn } = params;
  if (scripts.has(id)) return;
  scripts.set(id, { id, url, isModule, start: { line: startLine, column: startColumn } });
}

// The caller knows what the method returns; the callback has been called before post() returns.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
function post<T>(method: string, parameters: object): T {
  const outcome: { error?: Error | null; result?: unknown } = {};
  connect().post(method, parameters, (error, result) => {
    outcome.error = error;
    outcome.result = result;
  });
  if (outcome.error) throw outcome.error;
  return outcome.result as T;
}

/** True where `node --permission` refuses the inspector, as far as that is known without using it. */
export function isInspectorRefused(): boolean {
  const permission = process.permission as NodeJS.ProcessPermission | undefined;
  return permission !== undefined && !permission.has('inspector');
}

/** True if this process may use the inspector. The first call connects to it. */
export function canInspect(): boolean {
  try {
    connect();
    return true;
  } catch {
    return false;
  }
}

function connect(): Session {
  if (session !== undefined) return session;
  const created = new Session();
  try {
    created.connect();
  } catch (cause) {
    // The Node.js that refuses it may have no flag that allows it.
    const flag = '--allow-inspector';
    const orRun = process.allowedNodeEnvironmentFlags.has(flag) ? `, or run node with ${flag}` : '';
    throw new DataCloneError(
      'Functions cannot be looked up: the inspector is refused in this process. ' +
        `Use defineTask(import.meta, 'name')${orRun}`,
      { cause },
    );
  }
  return (session = created);
}
