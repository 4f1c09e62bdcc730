import { claimPlaces } from '../tasks/claims.js';
import type { PoolTask } from './pool_task.js';

const places = claimPlaces - 1;

/** The tasks that were sent to one worker, which has not answered them, by the ids that it knows them by. */
export class SentTasks {
  readonly #tasks: (PoolTask | undefined)[] = [];
  #nextId: number;
  #count = 0;

  /**
   * @param worker - its number: an answer to a task of another worker is noticed, for its id is another one
   * @param before - the tasks of the worker that had the number before: their ids do not come again
   */
  constructor(worker: number, before?: SentTasks) {
    // Ids are positive 32-bit integers: see claims.ts.
    this.#nextId = before === undefined ? 1 + (worker % 2048) * 2 ** 20 : before.#nextId;
  }

  get count(): number {
    return this.#count;
  }

  /** In the order in which they were sent. */
  all(): PoolTask[] {
    if (this.#count === 0) return [];
    const tasks = this.#tasks.filter((task) => task !== undefined);
    return tasks.sort((one, other) => one.id - other.id);
  }

  /** The task with this id. */
  get(id: number): PoolTask | undefined {
    const task = this.#tasks[id & places];
    return task?.id === id ? task : undefined;
  }

  /** Gives the task an id: a new one, with a place that no other has. */
  add(task: PoolTask): void {
    while (this.#tasks[this.#nextId & places] !== undefined) this.#nextId++;
    task.id = this.#nextId++;
    this.#tasks[task.id & places] = task;
    this.#count++;
  }

  delete(task: PoolTask): void {
    this.#tasks[task.id & places] = undefined;
    this.#count--;
  }
}
