/** The reasons why a value cannot be sent. */

import { types } from 'node:util';

import { attempt } from '../../attempt.js';
import { setStackFrames } from '../../stack_frames.js';
import { adviceFor } from './explanations.js';

/** Thrown at a value that cannot be sent. Its place in the whole is found afterwards. */
export class Refusal extends Error {
  /** The object, function or symbol that cannot be sent. */
  readonly culprit: unknown;
  readonly reason: string;

  constructor(culprit: unknown, reason: string, cause?: unknown) {
    const frames = setStackFrames(0);
    super(reason, cause === undefined ? undefined : { cause });
    setStackFrames(frames);
    this.culprit = culprit;
    this.reason = reason;
  }
}

/** Thrown where a value needs a packing order to be written: see packing_order.ts. */
export const needsPackingOrder = new Error('needs a packing order');

/** Refuses an object of this name. */
export function refuse(culprit: object, name = nameOf(culprit)): Refusal {
  const hint = adviceFor(name, tagOf(culprit));
  return new Refusal(culprit, `${withArticle(name)} cannot be sent: ${hint}`);
}

/** Refuses an object that is of no kind that can be sent. */
export function refuseKind(object: object): Refusal {
  if (types.isProxy(object)) return refuse(object, 'Proxy');
  if (types.isSharedArrayBuffer(object)) return refuse(object, 'SharedArrayBuffer');
  if (types.isPromise(object)) return refuse(object, 'Promise');
  if (types.isModuleNamespaceObject(object)) return refuse(object, 'module namespace');
  return refuse(object, nameOf(object));
}

function tagOf(object: object): string | undefined {
  const tag = attempt(() => (object as Record<symbol, unknown>)[Symbol.toStringTag]);
  return typeof tag === 'string' ? tag : undefined;
}

/** The name with its article: `a Promise`, `an Agent`. */
export function withArticle(name: string): string {
  return /^[AEIO]/i.test(name) ? `an ${name}` : `a ${name}`;
}

/** The name by which users know the kind of `object`. */
export function nameOf(object: object): string {
  const prototype = attempt(() => Object.getPrototypeOf(object) as object | null);
  const name = attempt(() => prototype?.constructor.name);
  const tag = tagOf(object);
  const says = (text: unknown): text is string => typeof text === 'string' && text !== '';
  if (says(tag) && (!says(name) || name === 'Object' || name === 'Iterator')) return tag;
  return says(name) ? name : 'object';
}
