/** The CommExecutors that this process has entered, and not left. */

import type { Communicator } from '../mpi/communicator.js';

export interface Activity {
  /** It is, or may become, a worker. */
  mayServe: boolean;
}

const activities = new Set<Activity>();

/** Whether this process serves another master, or may be about to. */
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

export function isLed(comm: Communicator): boolean {
  return led.has(comm);
}

export function begin(): Activity {
  const activity = { mayServe: true };
  activities.add(activity);
  return activity;
}

export function end(activity: Activity): void {
  activities.delete(activity);
}
