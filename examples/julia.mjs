// A Julia set, computed line by line on MPI workers: julia.py of the mpi4py.futures manual, in Node.js. It writes the
// picture twice: as PGM, as the manual does, and as PNG, which every viewer and browser opens.
//
//   MPI_FUTURES_MAX_WORKERS=4 node examples/julia.mjs [file]
//   npx mpi-futures -n 5 examples/julia.mjs [file]

import { writeFile } from 'node:fs/promises';
import { crc32, deflateSync } from 'node:zlib';
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

/** A picture in shades of grey as PNG: its size, and its lines, each behind a 0 for "not filtered". */
function png(lines) {
  const size = new DataView(new ArrayBuffer(13));
  size.setUint32(0, w);
  size.setUint32(4, h);
  size.setUint8(8, 8); // bits for each pixel, which is grey
  const pixels = deflateSync(Buffer.concat(lines.flatMap((line) => [Buffer.of(0), line])));
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', Buffer.from(size.buffer)),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name, content) {
  const named = Buffer.concat([Buffer.from(name), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

async function save(file, content, what) {
  try {
    await writeFile(file, content);
    console.log(`${file}: ${what}`);
  } catch (error) {
    console.error(`${file} cannot be written: ${error.message}`);
    process.exitCode = 1;
  }
}

if (isMain) {
  const file = process.argv[2] ?? 'julia.pgm';
  const start = performance.now();

  const pool = new PoolExecutor();
  const lines = await pool.map(juliaLine, [...Array(h).keys()]).toArray();
  const workers = pool.numWorkers;
  await pool.shutdown();
  const seconds = ((performance.now() - start) / 1000).toFixed(2);

  const image = Buffer.concat([Buffer.from(`P5 ${w} ${h} 255\n`), ...lines]);
  const what = `${w}×${h} pixels, ${image.length} bytes, by ${workers} workers in ${seconds} s`;
  await save(file, image, what);
  await save(`${file.replace(/\.pgm$/, '')}.png`, png(lines), 'the same');
}
