import { isMain } from 'mpi-futures';

const value = 1;

export function needsModule() {
  return value;
}

if (!isMain) process.exit(7);
