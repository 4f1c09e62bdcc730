// Thumbnails of all pictures in a folder, with sharp. A task gets a path and writes a file: pictures do not travel.
//
//   npm install sharp
//   MPI_FUTURES_MAX_WORKERS=4 node examples/thumbnails.mjs FOLDER [width]
//   npx mpi-futures -n 5 examples/thumbnails.mjs FOLDER [width]
//
// They are in FOLDER/thumbnails. A file that is no picture is named, and the others are made.

import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { PoolExecutor, isMain } from 'mpi-futures';

// Each worker computes on one core.
sharp.concurrency(1);

async function makeThumbnail(file, folder, width) {
  const name = `${path.parse(file).name}.webp`;
  const { width: ofFile, height } = await sharp(file)
    .rotate() // as the camera was held
    .resize({ width, withoutEnlargement: true })
    .webp()
    .toFile(path.join(folder, name));
  return `${name} ${ofFile}×${height}`;
}

if (isMain) {
  const [, , folder, width = '320'] = process.argv;
  if (folder === undefined) {
    console.error('Expected a folder: thumbnails.mjs FOLDER [width]');
    process.exit(1);
  }
  const target = path.join(folder, 'thumbnails');
  await mkdir(target, { recursive: true });
  const names = (await readdir(folder)).filter((name) =>
    /\.(jpe?g|png|webp|avif|tiff?)$/i.test(name),
  );

  const pool = new PoolExecutor();
  const start = performance.now();
  const futures = names.map((name) =>
    pool.submit(makeThumbnail, path.join(folder, name), target, Number(width)),
  );
  let made = 0;
  for (const [i, future] of futures.entries()) {
    try {
      console.log(await future);
      made++;
    } catch (error) {
      console.error(`${names[i]}: ${error.message}`);
    }
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  await pool.shutdown();
  console.log(`${made} of ${names.length} in ${seconds} s: ${target}`);
}
