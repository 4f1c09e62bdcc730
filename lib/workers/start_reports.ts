/** The messages between a spawned worker and its master before MPI connects them: lines of JSON. */

/** The master, and the address at which it listens. */
export interface MasterAddress {
  readonly pid: number;
  /** The space of its process id: see lib/process/process_space.ts. */
  readonly space: string | undefined;
  readonly port: number;
  /** Proves that a worker connects, and not another program. */
  readonly token: string;
  /** Empty where it does not listen. */
  readonly addresses: readonly string[];
}

/** A worker reports that MPI has started there, or that it ends. */
export const StartEvent = { started: 'started', ends: 'ends' } as const;

/** One line that a worker sends; the first has the token. */
export interface StartReport {
  /** Only in the first line. */
  readonly token?: string;
  /** Identifies the process on each of its connections. */
  readonly id?: number;
  readonly pid?: number;
  readonly host?: string;
  /** Only in the later lines. */
  readonly message?: (typeof StartEvent)[keyof typeof StartEvent];
  readonly why?: string;
}
