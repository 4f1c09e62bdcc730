/**
 * The difference between the clock of a worker and that of its master, from round trips: a message there and back, with the
 * worker's time in it. The worker has read its clock some time during the round trip, so the shortest trip gives the best estimate.
 */

/** The part of a time by which two clocks may drift apart: more than quartzes do, less than an NTP daemon is allowed to slew. */
const drift = 50e-6;

/** The offset of one worker's clock. Times are those of `performance.now()`, in milliseconds. */
export class ClockOffset {
  #offset: number | undefined;
  #uncertainty = Infinity;
  #measuredAt = 0;

  /** True once there was a round trip. */
  get isKnown(): boolean {
    return this.#offset !== undefined;
  }

  /** The largest possible error of {@link toMaster}, now. */
  uncertainty(now: number): number {
    return this.#uncertainty + drift * Math.max(0, now - this.#measuredAt);
  }

  /**
   * Notes a round trip.
   *
   * @param sent - when the master has asked, by its clock
   * @param read - the time of the worker, by its clock
   * @param received - when the master had the answer, by its clock
   */
  measured(sent: number, read: number, received: number): void {
    const uncertainty = (received - sent) / 2;
    if (!(uncertainty >= 0) || uncertainty > this.uncertainty(received)) return;
    this.#offset = (sent + received) / 2 - read;
    this.#uncertainty = uncertainty;
    this.#measuredAt = received;
  }

  /** The time of the master at a time of the worker. */
  toMaster(time: number): number {
    return time + (this.#offset ?? 0);
  }
}
