/** Advice for everything that cannot be sent: what to do instead. */

const openThere = 'open it inside the task';
const makeThere = 'make it inside the task';
const startThere = 'start it inside the task';
const readFirst = 'read it first and send what is in it';
const compileThere = 'send its bytes and compile them inside the task';
const partOfIt = 'send what is needed of it';
const asText = 'send its toString()';

/** Advice for a class of the program. */
export const packIt = 'give it [pack]() and static [unpack]()';

/** Advice for an instance with state that is not sent: it may refer to a resource of this process. */
export const openOrPack = `${openThere}, or give its class [pack]() and static [unpack]()`;

/** Advice by the name that users know for the kind of object, or by its Symbol.toStringTag. */
const advice = new Map([
  ['Promise', 'await it first'],
  ['Proxy', 'send a copy of it, such as { ...proxy }'],
  ['WeakMap', 'send a Map'],
  ['WeakSet', 'send a Set'],
  ['WeakRef', 'send what deref() returns'],
  ['SharedArrayBuffer', 'it cannot be shared with another process; send a copy of it'],
  ['view on a SharedArrayBuffer', 'it cannot be shared with another process; send its slice()'],
  ['module namespace', 'send what it exports'],
  ['Generator', 'send its values: [...generator]'],
  ['AsyncGenerator', 'collect its values first'],
  ['Array Iterator', 'send its values: [...iterator]'],
  ['Map Iterator', 'send its values: [...iterator]'],
  ['Set Iterator', 'send its values: [...iterator]'],
  ['String Iterator', 'send its values: [...iterator]'],
  ['RegExp String Iterator', 'send its values: [...iterator]'],
  ['Iterator Helper', 'send its values: [...iterator]'],

  ['WebAssembly.Module', compileThere],
  ['WebAssembly.Instance', 'send the bytes of its module and instantiate it inside the task'],
  ['WebAssembly.Memory', 'send a copy of its buffer: memory.buffer.slice(0)'],
  ['WebAssembly.Table', makeThere],
  ['WebAssembly.Global', 'send its value'],

  ['Blob', 'send await blob.arrayBuffer()'],
  ['File', 'send await file.arrayBuffer()'],
  ['Headers', 'send [...headers]'],
  ['FormData', 'send [...formData]'],
  ['Request', 'send its url and what else is needed of it'],
  ['Response', 'send await response.json(), text() or arrayBuffer()'],
  ['Event', partOfIt],
  ['Stats', partOfIt],
  ['Dirent', partOfIt],
  ['CustomEvent', 'send its detail'],
  ['MessageEvent', 'send its data'],
  ['AbortSignal', 'use taskSignal() inside the task'],
  [
    'AbortController',
    'give its signal to pool.with({ signal }), and use taskSignal() inside the task',
  ],

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
  ['Dir', openThere],
  ['WriteStream', openThere],
  ['Worker', startThere],
  ['ChildProcess', startThere],

  ...['Instant', 'ZonedDateTime', 'PlainDate', 'PlainTime', 'PlainDateTime'].map(temporal),
  ...['PlainYearMonth', 'PlainMonthDay', 'Duration'].map(temporal),
]);

function temporal(name: string): [string, string] {
  return [`Temporal.${name}`, asText];
}

/** Advice for an object of the language, of Node.js or of an addon. */
export function adviceFor(name: string, tag = name): string {
  const qualified = tag.includes('.') ? advice.get(tag) : undefined; // Module and Instance are names of many things
  return qualified ?? advice.get(name) ?? advice.get(tag) ?? makeThere;
}

const ofClasses = new WeakMap<object, string>();

/** Makes instances of a class of this package be refused with `hint`. */
export function notToBeSent(ofClass: object, hint: string): void {
  ofClasses.set(ofClass, hint);
}

/** Advice for an instance of `ofClass`, a class of this package; undefined for other classes. */
export function adviceOfClass(ofClass: object): string | undefined {
  return ofClasses.get(ofClass);
}
