/** The addresses that processes of one host tell each other, in their first messages. Made and read by the addon. */

/** The address by which another process opens memory of this one. */
export type SharedMemoryAddress = readonly [pid: number, fd: number, token: bigint];

/** Memory for messages, and the pipe that calls this process. Empty where there is none. */
export type RingsOffer = readonly [memory: SharedMemoryAddress, pipe: number] | readonly [];

/** The address by which a peer wakes this process, and where it reads the token if it may read this process's memory. */
export type Doorbell = readonly [host: string, memory: SharedMemoryAddress, tokenAt: bigint];
