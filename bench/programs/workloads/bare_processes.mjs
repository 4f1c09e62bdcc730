/**
 * Processes without a pool, which do the same tasks at the same time: what this machine reaches at best at that moment. Nobody
 * gives them their tasks one by one: each has been told beforehand of those that the ideal schedule has for it.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** In ms: by then they have read what they are to do. */
const LEAD = 20;

const program = fileURLToPath(new URL('../bare.mjs', import.meta.url));

export class BareProcesses {
  #processes;

  /** @param {number} count */
  static async open(count) {
    const opened = new BareProcesses();
    const env = { ...process.env };
    delete env.NODE_OPTIONS; // what the launcher loads is no part of them
    opened.#processes = Array.from({ length: count }, () => fork(program, { execArgv: [], env }));
    await Promise.all(opened.#processes.map((each) => once(each, 'message')));
    return opened;
  }

  /**
   * @param {readonly number[]} tasks
   * @param {readonly { worker: number }[]} schedule who does each of them
   * @returns {Promise<{ time: number, ends: number[] }>} in ms: from the first begin to the last end; when each of the tasks
   * has ended
   */
  async run(tasks, schedule) {
    const numbers = this.#processes.map((_, worker) =>
      tasks.map((_, i) => i).filter((i) => schedule[i].worker === worker),
    );
    const start = Number(process.hrtime.bigint()) / 1e6 + LEAD;
    const answers = await Promise.all(
      this.#processes.map(async (each, worker) => {
        const answer = once(each, 'message');
        each.send({ tasks: numbers[worker].map((i) => tasks[i]), start });
        return (await answer)[0];
      }),
    );
    const began = Math.min(...answers.map((answer) => answer.began));
    const ends = new Array(tasks.length);
    for (const [worker, answer] of answers.entries())
      for (const [at, end] of answer.ends.entries()) ends[numbers[worker][at]] = end - began;
    return { time: Math.max(...ends), ends };
  }

  close() {
    for (const each of this.#processes) each.disconnect();
  }
}
