// A Julia set, computed line by line on MPI workers: julia.py of the mpi4py.futures manual, in Node.js.
//
//   MPI_FUTURES_MAX_WORKERS=4 mpiexec -n 1 node examples/julia.mjs [file]
//   mpiexec -n 5 mpi-futures examples/julia.mjs [file]

import { writeFile } from 'node:fs/promises';
import { PoolExecutor, isMain } from 'mpi-futures';

const [x0, x1, w] = [-2, 2, 640 * 2];
const [y0, y1, h] = [-1.5, 1.5, 480 * 2];
const dx = (x1 - x0) / w;
const dy = (y1 - y0) / h;

const c = { re: 0, im: 0.65 };

function julia(x, y) {
  let [re, im] = [x, y];
  let n = 255;
  while (re * re + im * im < 9 && n > 1) {
    [re, im] = [re * re - im * im + c.re, 2 * re * im + c.im];
    n -= 1;
  }
  return n;
}

export function juliaLine(k) {
  const line = new Uint8Array(w);
  const y = y1 - k * dy;
  for (let j = 0; j < w; j++) line[j] = julia(x0 + j * dx, y);
  return line;
}

if (isMain) {
  const file = process.argv[2] ?? 'julia.pgm';
  const start = performance.now();

  const pool = new PoolExecutor();
  const lines = await pool.map(juliaLine, [...Array(h).keys()]).toArray();
  const workers = pool.numWorkers;
  await pool.shutdown();

  const image = Buffer.concat([Buffer.from(`P5 ${w} ${h} 255\n`), ...lines]);
  await writeFile(file, image);

  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  console.log(
    `${file}: ${w}×${h} pixels, ${image.length} bytes, by ${workers} workers in ${seconds} s`,
  );
}
