import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { root } from '../../scripts/paths.mjs';
import { describeOnEachMpi, layouts } from '../support/layouts.js';
import { expectStatus } from '../support/program.js';

const program = path.join(root, 'examples/julia.mjs');

/** Of the picture that the program in the mpi4py.futures manual writes. */
const SHA256_IN_PYTHON = 'c9b7215a136958917dfa0f4af079a4162a7316185815300036600e9b7b8e91f3';

let directory: string;
let expected: Buffer;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'));
  expected = sequentialPicture();
});
afterAll(() => rmSync(directory, { recursive: true }));

test('the sequential picture is that of the manual', () => {
  expect(createHash('sha256').update(expected).digest('hex')).toBe(SHA256_IN_PYTHON);
});

describeOnEachMpi('examples/julia.mjs', ({ name, run }) => {
  // mpi4py: `julia.py`: [examples/julia.mjs](../../examples/julia.mjs) makes the same picture
  test('writes the same picture as a sequential run, and says where', async () => {
    const file = path.join(directory, `${name.replace(' ', '_')}.pgm`);
    const result = await run(program, { args: [file] });
    expectStatus(result, 0);
    expect(Buffer.compare(readFileSync(file), expected)).toBe(0);
    const png = await sharp(file.replace('.pgm', '.png')).greyscale().raw().toBuffer({ resolveWithObject: true }); // prettier-ignore
    expect(png.info).toMatchObject({ width: 1280, height: 960, channels: 1 });
    expect(Buffer.compare(png.data, expected.subarray(-1280 * 960))).toBe(0);
    expect(result.stdout).toMatch(
      /_\w+\.pgm: 1280×960 pixels, 1228816 bytes, by 2 workers in [\d.]+ s/,
    );
  });
});

describeOnEachMpi(
  'examples/julia.mjs',
  ({ run }) => {
    test('says which picture cannot be written, and writes the other', async () => {
      const file = path.join(directory, 'full.pgm');
      symlinkSync('/dev/full', file.replace('.pgm', '.png'));
      const result = await run(program, { args: [file] });
      expect(result.stderr).toContain(`${file.replace('.pgm', '.png')} cannot be written: ENOSPC`);
      expect(result.stdout).toMatch(/full\.pgm: 1280×960 pixels/);
      expect(Buffer.compare(readFileSync(file), expected)).toBe(0);
      expect(result.status).toBe(1);
    });
  },
  layouts.filter(({ name }) => name === 'openmpi singleton'),
);

/** Independent of the example: written after the program of the manual. */
function sequentialPicture(): Buffer {
  const [width, height] = [1280, 960];
  const pixels = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x = -2 + column * (4 / width);
      const y = 1.5 - row * (3 / height);
      pixels[row * width + column] = escapeCount(x, y);
    }
  }
  return Buffer.concat([Buffer.from(`P5 ${width} ${height} 255\n`), pixels]);
}

function escapeCount(x: number, y: number): number {
  let count = 255;
  while (x * x + y * y < 3 ** 2 && count > 1) {
    const real = x * x - y * y;
    y = 2 * x * y + 0.65;
    x = real;
    count--;
  }
  return count;
}
