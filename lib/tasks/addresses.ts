/** The addresses that processes of one host tell each other, in their first messages. Made and read by the addon. */

/** The address by which another process opens memory of this one. */
export type SharedMemoryAddress = readonly [pid: number, fd: number, token: bigint];

/** Memory for messages, and the pipe that calls this process. Empty where there is none. */
export type RingsOffer = readonly [memory: SharedMemoryAddress, pipe: number] | readonly [];

/** The offer of a sandbox to the master of its host: where to wake it, and memory for messages. */
export type DirectOffer = readonly [doorbell: Doorbell, rings: RingsOffer];

/** The master of this host, as a sandbox finds it: where to wake it, the pipe that calls it. */
export type DirectMaster = readonly [doorbell: Doorbell, pipe: number];

/** The address by which a peer wakes this process, and where it reads the token if it may read this process's memory. */
export type Doorbell = readonly [host: string, memory: SharedMemoryAddress, tokenAt: bigint];
