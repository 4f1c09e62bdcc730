/** A sandbox as its keeper sees it: a child process, the pipes to it, and how it has ended. */

import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

import { packageFile } from '../../package_files.js';
import { print } from '../../print.js';
import { messageHead, MessageKind, type SandboxEnd } from '../../tasks/messages.js';
import { inheritedFlags } from '../../workers/inherited_flags.js';
import { endReason } from '../../workers/end_reason.js';
import { settledWithin } from '../../futures/wait_limits.js';
import { Tail } from '../../workers/worker_output.js';
import { frameOf, FrameReader, sandboxPipes } from './frames.js';
import { countKilledByKernel, reasonOf, type ProcessEnd } from './sandbox_end.js';

const sandboxMain = packageFile('dist/worker/isolation/sandbox.js');

/** Milliseconds for the rest of what was printed: a child process of the sandbox may hold its stderr open for ever. */
const forRest = 100;

/** Milliseconds in which a sandbox without tasks ends by itself. */
const forGentleEnd = 1000;

const stderr = 2;

/** Called with each message of a sandbox, and once when it has ended: nothing more comes then. */
export interface SandboxEvents {
  message(payload: Buffer, buffers: ArrayBuffer[] | undefined): void;
  ended(end: Omit<SandboxEnd, 'sent' | 'claims'>): void;
}

/** One sandbox, from its start. */
export class SandboxProcess {
  readonly #child: ChildProcess;
  readonly #in: Writable;
  readonly #said = new Tail();
  readonly #written = new Tail();
  readonly #killedBefore = countKilledByKernel();
  readonly #ended: Promise<void>;
  /** The reason for which the keeper has ended it. */
  #endedFor: string | undefined;

  constructor(events: SandboxEvents) {
    const args = [...inheritedFlags(), sandboxMain];
    this.#child = spawn(process.execPath, args, {
      stdio: ['ignore', 'inherit', 'pipe', 'pipe', 'pipe'],
    });
    const { stdio } = this.#child;
    const out = stdio[sandboxPipes.out] as Readable;
    this.#in = stdio[sandboxPipes.in] as Writable;
    // It has ended, as is noticed elsewhere.
    for (const stream of stdio) stream?.on('error', () => undefined);
    const reader = new FrameReader((payload, buffers) => {
      const isPrinted = payload[0] === MessageKind.printed;
      if (isPrinted || (payload[0] === MessageKind.output && payload[1] === stderr))
        this.#said.add(payload.subarray(messageHead));
      if (!isPrinted) events.message(payload, buffers);
    });
    let isDamaged = false;
    out.on('data', (chunk: Buffer) => {
      if (isDamaged) return;
      try {
        reader.add(chunk);
      } catch (error) {
        // Whatever a task has written there, it must not end the worker.
        isDamaged = true;
        this.kill(`has sent what is no message: ${(error as Error).message}`);
      }
    });
    const printed = this.#child.stderr!;
    printed.on('data', (chunk: Buffer) => {
      this.#written.add(chunk);
      print(process.stderr, chunk);
    });
    this.#ended = this.#end(events, out, printed);
  }

  /** Sends a message; nobody may change `payload` or `buffers` any more. */
  send(payload: Uint8Array, buffers: readonly ArrayBuffer[] | undefined): void {
    const pieces = frameOf(payload, payload.byteLength, buffers);
    if (pieces.length > 1) this.#in.cork();
    for (const piece of pieces) this.#in.write(piece);
    if (pieces.length > 1) this.#in.uncork();
  }

  /** The id of the process; undefined if it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @param reason - default: that of its end */
  kill(reason?: string): void {
    this.#endedFor ??= reason;
    this.#child.kill('SIGKILL');
  }

  /** @param gently - it has no tasks, and may take some time for its 'exit' listeners */
  end(gently: boolean): void {
    if (!gently) {
      this.kill();
      return;
    }
    this.#in.end();
    const late = setTimeout(() => {
      this.kill();
    }, forGentleEnd);
    void this.#ended.then(() => {
      clearTimeout(late);
    });
  }

  /** Lets it end by itself, once it has done what was sent; resolves when it has. */
  async quit(): Promise<void> {
    this.#in.end();
    await this.#ended;
  }

  async #end(events: SandboxEvents, out: Readable, printed: Readable): Promise<void> {
    let failure: Error | undefined;
    const [end] = await Promise.all([
      new Promise<ProcessEnd>((resolve) => {
        this.#child.once('exit', (code, signal) => {
          resolve({ exitCode: code ?? undefined, signal: signal ?? undefined });
        });
        this.#child.once('error', (error) => {
          failure = error;
          if (this.#child.pid === undefined) resolve({ exitCode: undefined, signal: undefined });
        });
      }),
      closed(out),
    ]);
    await settledWithin(forRest, closed(printed));
    const { pid } = this.#child;
    const ended = endReason({ said: this.#said.text, written: this.#written.text }, pid ?? 0);
    const killedByKernel = countKilledByKernel() > this.#killedBefore;
    events.ended({
      pid,
      ...end,
      reason:
        pid === undefined
          ? `could not be started: ${failure?.message ?? 'for an unknown reason'}`
          : (this.#endedFor ?? reasonOf(end, ended, killedByKernel)),
      detail: ended.why,
      stderr: ended.stderr,
    });
  }
}

function closed(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) resolve();
    else stream.once('close', resolve);
  });
}
