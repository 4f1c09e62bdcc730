/** The CommExecutors that this process has entered and not exited. */

import type { Communicator } from '../mpi/communicator.js';

/** A CommExecutor that this process has entered. */
export interface Activity {
  /** True if this process is, or may become, a worker in it. */
  mayServe: boolean;
}

const activities = new Set<Activity>();

/** True while this process serves another master, or may be about to. */
export function mayServe(): boolean {
  for (const activity of activities) if (activity.mayServe) return true;
  return false;
}

const led = new Set<Communicator>();

/** Notes whether the other processes of `comm` serve this one. */
export function leads(comm: Communicator, on: boolean): void {
  if (on) led.add(comm);
  else led.delete(comm);
}

/** True while the other processes of the communicator serve this one. */
export function isLed(comm: Communicator): boolean {
  return led.has(comm);
}

/** Notes that this process enters a CommExecutor: until {@link end} it may become a worker. */
export function begin(): Activity {
  const activity = { mayServe: true };
  activities.add(activity);
  return activity;
}

/** Notes that this process has become master or worker and no longer waits for the others, or has failed to. */
export function end(activity: Activity): void {
  activities.delete(activity);
}
