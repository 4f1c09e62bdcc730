/** The CommExecutors that this process has entered, and not left. */

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

export function begin(): Activity {
  const activity = { mayServe: true };
  activities.add(activity);
  return activity;
}

export function end(activity: Activity): void {
  activities.delete(activity);
}
