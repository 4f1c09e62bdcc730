/** The messages between a spawned worker and its master before MPI connects them: lines of JSON. */

/** Where the master listens. */
export interface BirthAddress {
  readonly port: number;
  /** It is no stranger who connects. */
  readonly token: string;
  readonly addresses: readonly string[];
}

/** A worker tells that MPI has started there, or that it ends. */
export const BirthMessage = { started: 'started', ends: 'ends' } as const;

/** One line of a worker; the first has the token. */
export interface BirthNote {
  /** In the first line. */
  readonly token?: string;
  /** The same on all connections of one process. */
  readonly id?: number;
  readonly pid?: number;
  readonly host?: string;
  /** In the others. */
  readonly message?: (typeof BirthMessage)[keyof typeof BirthMessage];
  readonly why?: string;
}
