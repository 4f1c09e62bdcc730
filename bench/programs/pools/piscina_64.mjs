import { openWith } from './piscina.mjs';

export const open = (workers) => openWith(workers, 64);
