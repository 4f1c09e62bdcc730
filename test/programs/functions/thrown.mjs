/** Functions that throw errors of classes that stand here and elsewhere. */

import assert from 'node:assert';
import { EventEmitter, on } from 'node:events';
import { getPriority } from 'node:os';
import { FarError, TwinError as FarTwin } from './thrown_far.mjs';
import required from './thrown_far.cjs';

export class ExportedError extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

class InnerError extends ExportedError {}

const AssignedError = class extends Error {};

export default class Shape {
  sides = 4;
}

export class TwinError extends Error {}

export const { RequiredError } = required;
export { FarError, FarTwin };
export const InnerClass = InnerError;
export const AssignedClass = AssignedError;

function nested() {
  // prettier-ignore
  class TwinError extends Error {}
  return TwinError;
}

/** Each makes what a task throws. */
export const made = {
  exported: () => new ExportedError('exported', 1),
  inner: () => new InnerError('inner', 2),
  assigned: () => new AssignedError('assigned'),
  twin: () => new TwinError('twin'),
  farTwin: () => new FarTwin('far twin'),
  far: () => new FarError('far'),
  required: () => new RequiredError('required'),
  nested: () => new (nested())('nested'),
};

export function throwMade(name) {
  throw made[name]();
}

export const makeShape = () => new Shape();

export async function throwLate(name) {
  const late = await import('./thrown_late.mjs');
  throw new late[name](name);
}

export async function throwGone(name) {
  const gone = await import('./only_on_workers.mjs');
  throw Object.assign(new gone[name]('gone'), { inside: [new gone[name]('in it')] });
}

/** What Node.js and V8 throw. */
export const throwing = {
  assertion: () => assert.equal(1, 2),
  compile: () => new WebAssembly.Module(Buffer.from('none')),
  range: () => Buffer.alloc(-1),
  system: () => getPriority(2 ** 30),
  abort: () => on(new EventEmitter(), 'never', { signal: AbortSignal.abort() }),
};

export function throwOfNode(name) {
  throwing[name]();
}

/** From here on nobody in this process gets an answer of the inspector. */
export async function refuseInspector() {
  const { Session } = await import('node:inspector');
  Session.prototype.post = () => {
    throw new Error('the inspector was asked');
  };
}
