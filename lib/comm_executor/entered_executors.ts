/** The CommExecutors that this process has entered, and not left. */

import type { Communicator } from '../mpi/communicator.js';

/** One of them, on this process. */
export interface Activity {
  /** It is, or may become, a worker. */
  mayServe: boolean;
}

const activities = new Set<Activity>();

/** True while this process serves another master, or may be about to. */
export function mayServe(): boolean {
  for (const activity of activities) if (activity.mayServe) return true;
  return false;
}

const led = new Set<Communicator>();

/** While on, the other processes of it serve this one. */
export function leads(comm: Communicator, on: boolean): void {
  if (on) led.add(comm);
  else led.delete(comm);
}

/** True while the other processes of the communicator serve this one. */
export function isLed(comm: Communicator): boolean {
  return led.has(comm);
}

/** This process enters a CommExecutor: until {@link end} it may become a worker. */
export function begin(): Activity {
  const activity = { mayServe: true };
  activities.add(activity);
  return activity;
}

/** It has become master or worker and does no longer wait for the others, or has failed to. */
export function end(activity: Activity): void {
  activities.delete(activity);
}
