import { cpus, totalmem, type, release } from 'node:os';

/** Where figures were taken. */
export function describeMachine() {
  const [{ model } = { model: 'an unknown processor' }] = cpus();
  return {
    processor: `${cpus().length} × ${model.trim()}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release().split('-')[0]}`,
    node: process.version,
  };
}
