/**
 * The ways of a sandbox's messages to the master (docs/design/isolation.md): a pipe to its keeper, which passes them on, and on
 * the master's host, once the two have agreed on it, the ring.
 */

import { writeSync } from 'node:fs';
import { Buffer } from 'node:buffer';

import { asBuffer } from '../../buffer_from.js';
import type { SandboxAddon } from '../../addon/loading/load_sandbox_addon.js';
import type { DirectMaster, DirectOffer } from '../../tasks/addresses.js';
import { encodeMessage, messageHead, MessageKind } from '../../tasks/messages.js';
import { frameOf, sandboxPipes } from './frames.js';
import { asOwn } from '../unchanged_language.js';

/** Called with what comes from the master directly. */
export interface DirectEvents {
  message(payload: Buffer, buffers: ArrayBuffer[] | undefined): void;
  /** Called after the messages that were received together. */
  batchEnded(): void;
}

const stderr = 2;
const { Uint8Array: Bytes } = globalThis;

/** Sends messages to the master. What was sent is safe, whatever becomes of this process. */
export class SandboxLink {
  readonly #addon: SandboxAddon;
  #isDirect = false;

  constructor(addon: SandboxAddon) {
    this.#addon = addon;
  }

  /** Opens the direct way from this side; undefined where there is none. */
  offer(master: DirectMaster | undefined, events: DirectEvents): DirectOffer | undefined {
    if (master === undefined) return undefined;
    const [doorbell, pipe] = master;
    return this.#addon.offerDirect(
      doorbell,
      pipe,
      (batch) => {
        asOwn(() => {
          for (let at = 0; at < batch.length; at += 4)
            events.message(asBuffer(batch[at + 2] as Uint8Array), batch[at + 3] as ArrayBuffer[]);
        });
      },
      () => {
        events.batchEnded();
      },
    );
  }

  /** Everything goes directly from now on. */
  useDirect(): void {
    this.tell(MessageKind.directUsed, undefined);
    this.#isDirect = true;
    this.#addon.useDirect();
  }

  tell(kind: number, body: unknown): void {
    const message = encodeMessage(kind, body);
    this.send(message, message.byteLength);
  }

  /** Sends a message to the keeper itself. */
  tellKeeper(kind: number, body: unknown): void {
    const message = encodeMessage(kind, body);
    write(message, message.byteLength, undefined);
  }

  send(payload: Uint8Array, length: number, buffers?: readonly ArrayBuffer[]): void {
    if (!this.#isDirect) {
      write(payload, length, buffers);
      return;
    }
    this.#addon.sendDirect(payload, length, buffers);
    // The keeper tells the last lines of it, with the end of this process.
    if (payload[0] === MessageKind.output && payload[1] === stderr) {
      const copy = new Bytes(length);
      copy.set(payload.subarray(0, length));
      copy.fill(0, 0, messageHead);
      copy[0] = MessageKind.printed;
      write(copy, length, undefined);
    }
  }
}

/** Returns when the keeper can read all of it. */
function write(
  payload: Uint8Array,
  length: number,
  buffers: readonly ArrayBuffer[] | undefined,
): void {
  const pieces = frameOf(payload, length, buffers);
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- the iterator of arrays may have been changed
  for (let at = 0; at < pieces.length; at++) writeAll(pieces[at]!);
}

function writeAll(piece: Uint8Array): void {
  for (let at = 0; at < piece.byteLength;) at += writeSync(sandboxPipes.out, piece, at);
}
