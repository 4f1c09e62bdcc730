/** The gallery: each example with little to do, on a pool that spawns and on one that does not. Others have tests of their own. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { findBrowser } from '../../scripts/browser.mjs';
import { root } from '../../scripts/paths.mjs';
import { lookAt } from '../support/browser.js';
import { describeOnEachMpi, layouts } from '../support/layouts.js';
import { expectStatus, type ProgramResult } from '../support/program.js';
import type { RunningProgram } from '../support/run.js';

const two = layouts.filter(({ name }) => /^(openmpi singleton|mpich static)$/.test(name));

const example = (name: string): string => path.join(root, 'examples', `${name}.mjs`);

let directory: string;
beforeEach(() => (directory = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'))));
afterEach(() => rmSync(directory, { recursive: true }));

describeOnEachMpi(
  'the gallery',
  ({ name, run }) => {
    test('pi.mjs is as near to π as its own error says', async () => {
      const { stdout } = await ended(run(example('pi'), { args: ['1000000', '10'] }));
      expect(stdout).toMatch(/^1000000 darts in 10 tasks/);
      const [, estimate, error] = /^π ≈ ([\d.]+) ± ([\d.]+)$/m.exec(stdout) ?? [];
      expect(Math.abs(Number(estimate) - Math.PI)).toBeLessThan(5 * Number(error));
      expect(Number(error)).toBeLessThan(0.002);
    });

    test('a wrong number is one sentence', async () => {
      const result = await run(example('pi'), { args: ['many'] });
      expectStatus(result, 1);
      const sentence = "Expected a whole number above 0 for darts but received 'many'";
      expect(result.stderr.split('\n')).toContain(sentence);
      expect(result.stdout).toBe('');
    });

    test('primes.mjs counts them, also where the last segment is short', async () => {
      const { stdout } = await ended(run(example('primes'), { args: ['2500000'] }));
      expect(stdout).toMatch(/^183072 primes below 2500000, by 2 workers/);
    });

    test('sweep.mjs shows each combination, and those that diverge cost no other', async () => {
      const { stdout } = await ended(run(example('sweep'), { args: ['300', '2'] }));
      const lines = stdout.trim().split('\n');
      expect(lines.filter((line) => /^rate .* %$/.test(line))).toHaveLength(15);
      expect(lines).toContain('rate 1, decay 10: diverged');
      expect(lines.at(-1)).toMatch(/^best of 16, 1 diverged: rate .*, 9\d\.\d %$/);
    });

    test('crawl.mjs reads each page once', async () => {
      const { stdout } = await ended(run(example('crawl'), { args: ['60'] }));
      expect(stdout).toBe('60 pages, 480 words, 1 broken link\n');
    });

    test('shards.mjs sums what is in all files', async () => {
      const { stdout } = await ended(run(example('shards'), { args: [directory, '5', '400'] }));
      const groups = [...stdout.matchAll(/^(\w+): (\d+) sales, (\d+) in all$/gm)];
      expect(groups.map(([, city]) => city)).toEqual(['Athens', 'Berlin', 'Cairo', 'Delhi']);
      expect(sum(groups.map(([, , count]) => count))).toBe(5 * 400);
      const amounts = [0, 1, 2, 3, 4].flatMap((shard) =>
        Array.from({ length: 400 }, (_, row) => (row * 7 + shard) % 100),
      );
      expect(sum(groups.map(([, , , amount]) => amount))).toBe(sum(amounts));
    });

    test('thumbnails.mjs makes them all, and names a file that is no picture', async () => {
      const size = { width: 500, height: 200, channels: 3, background: 'teal' } as const;
      for (const file of ['a.png', 'b.jpg'])
        await sharp({ create: size }).toFile(path.join(directory, file));
      writeFileSync(path.join(directory, 'c.jpg'), 'no picture');
      const { stdout, stderr } = await ended(
        run(example('thumbnails'), { args: [directory, '100'] }),
      );
      expect(stdout).toMatch(/^a\.webp 100×40\nb\.webp 100×40\n2 of 3 in /);
      expect(stderr).toMatch(/^c\.jpg: Input file contains unsupported image format$/m);
      const made = path.join(directory, 'thumbnails');
      expect(readdirSync(made).sort()).toEqual(['a.webp', 'b.webp']);
      expect((await sharp(path.join(made, 'b.webp')).metadata()).width).toBe(100);
    });

    test('mandelbrot.mjs has a page that works in the browser, and sends each row once, also after a reader has left', async () => {
      const isLookedAt = findBrowser() !== undefined && name === 'openmpi singleton';
      const look = async (program: RunningProgram) => {
        const [address] = await program.printed(/^http:\S+(?=\r?\n)/m);
        if (isLookedAt) {
          // It leaves in the middle of the picture, as a rule: its time does not wait for a stream.
          const { html, console } = await lookAt(address, 'mandelbrot');
          expect(html).toMatch(/>\d+ of 400 rows</);
          expect(console).toEqual([]);
        }
        const response = await fetch(`${address}rows?x=-0.7&y=0&scale=0.005`);
        expectEachRow(new DataView(await response.arrayBuffer()));
        if (isLookedAt) program.signal('SIGINT'); // with --once, a browser that stays for the whole picture would end it
      };
      const args = isLookedAt ? [] : ['--once'];
      await ended(run(example('mandelbrot'), { args, whileRunning: look }));
    });
  },
  two,
);

async function ended(run: Promise<ProgramResult>): Promise<ProgramResult> {
  const result = await run;
  expectStatus(result, 0);
  return result;
}

function sum(numbers: readonly (string | number | undefined)[]): number {
  return numbers.reduce<number>((total, number) => total + Number(number), 0);
}

/** Of 600 pixels, each once, and black where the point at the left of the middle is. */
function expectEachRow(bytes: DataView): void {
  const size = 2 + 4 * 600;
  const offsets = Array.from({ length: 400 }, (_, i) => i * size);
  const rows = offsets.map((offset) => bytes.getUint16(offset));
  expect(rows.toSorted((a, b) => a - b)).toEqual(offsets.map((_, row) => row));
  const middle = offsets.find((_, i) => rows[i] === 200) ?? NaN;
  expect(bytes.getUint32(middle + 2 + 4 * 300)).toBe(0x000000ff);
  expect(bytes.getUint32(middle + 2)).not.toBe(0x000000ff);
}
