/** What a spawned worker and its master say to each other before MPI connects them: lines of JSON. */

/** Where the master listens. */
export interface BirthAddress {
  readonly port: number;
  /** It is no stranger who connects. */
  readonly token: string;
  readonly addresses: readonly string[];
}

export const BirthMessage = { started: 'started', ends: 'ends' } as const;

export interface BirthNote {
  /** In the first line. */
  readonly token?: string;
  readonly pid?: number;
  readonly host?: string;
  /** In the others. */
  readonly message?: (typeof BirthMessage)[keyof typeof BirthMessage];
  readonly why?: string;
}
