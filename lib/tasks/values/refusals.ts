/** Why a value cannot be sent. */

/** Thrown where a value is met that cannot be sent; where it is in the whole is found out afterwards. */
export class Refusal extends Error {
  /** What cannot be sent: an object, a function or a symbol. */
  readonly culprit: unknown;
  readonly reason: string;

  constructor(culprit: unknown, reason: string, cause?: unknown) {
    const frames = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(reason, cause === undefined ? undefined : { cause });
    Error.stackTraceLimit = frames;
    this.culprit = culprit;
    this.reason = reason;
  }
}

/** The refusal of an object because of what it is. */
export function refuse(culprit: object, name = nameOf(culprit)): Refusal {
  return new Refusal(culprit, cannotBeSent(name));
}

function cannotBeSent(name: string): string {
  const hint = advice.get(name);
  const sentence = `${withArticle(name)} cannot be sent`;
  return hint === undefined ? sentence : `${sentence}: ${hint}`;
}

/** `a Promise`, `an Agent`. */
export function withArticle(name: string): string {
  return /^[AEIO]/i.test(name) ? `an ${name}` : `a ${name}`;
}

const openThere = 'open it inside the task';
const readFirst = 'read it first and send what is in it';

const advice = new Map([
  ['Promise', 'await it first'],
  ['Proxy', 'send a copy of it, such as { ...proxy }'],
  ['WeakMap', 'send a Map'],
  ['WeakSet', 'send a Set'],
  ['WeakRef', 'send what deref() returns'],
  ['SharedArrayBuffer', 'it cannot be shared with another process; send a copy of it'],
  ['view on a SharedArrayBuffer', 'it cannot be shared with another process; send its slice()'],
  ['Blob', 'send await blob.arrayBuffer()'],
  ['File', 'send await file.arrayBuffer()'],
  ['Headers', 'send [...headers]'],
  ['FormData', 'send [...formData]'],
  ['Request', 'send its url and what else is needed of it'],
  ['Response', 'send await response.json(), text() or arrayBuffer()'],
  ['Generator', 'send its values: [...generator]'],
  ['AsyncGenerator', 'collect its values first'],
  ['Array Iterator', 'send its values: [...iterator]'],
  ['Map Iterator', 'send its values: [...iterator]'],
  ['Set Iterator', 'send its values: [...iterator]'],
  ['Module', 'send what it exports'],
  ['KeyObject', 'send key.export(…)'],
  ['PublicKeyObject', 'send key.export(…)'],
  ['PrivateKeyObject', 'send key.export(…)'],
  ['SecretKeyObject', 'send key.export()'],
  ['CryptoKey', 'send what crypto.subtle.exportKey() returns'],
  ['Readable', readFirst],
  ['ReadStream', readFirst],
  ['ReadableStream', readFirst],
  ['IncomingMessage', readFirst],
  ['Socket', openThere],
  ['Server', openThere],
  ['FileHandle', openThere],
  ['WriteStream', openThere],
  ['AbortSignal', 'use taskSignal() inside the task'],
]);

/** What users call the kind of thing that `object` is. */
export function nameOf(object: object): string {
  const prototype = safely(() => Object.getPrototypeOf(object) as object | null);
  const name = safely(() => prototype?.constructor.name);
  const tag = safely(() => (object as Record<symbol, unknown>)[Symbol.toStringTag]);
  const says = (text: unknown): text is string => typeof text === 'string' && text !== '';
  if (says(tag) && (!says(name) || name === 'Object' || name === 'Iterator')) return tag;
  return says(name) ? name : 'object';
}

function safely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
