import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addonCache } from '../../lib/mpi/addon_cache.js';
import { findAddons, isWhole } from '../../lib/mpi/addon_files.js';
import { packageFile } from '../../lib/package_files.js';

let folder = '';
const { XDG_CACHE_HOME: before } = process.env;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-addons-'));
  process.env.XDG_CACHE_HOME = folder;
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
});

function putIntoCache(...names: readonly string[]): string {
  const cache = addonCache() ?? '';
  mkdirSync(cache, { recursive: true });
  for (const name of names) writeFileSync(path.join(cache, name), '');
  return cache;
}

describe('the addons that are tried', () => {
  test('are those built in the package, those of the cache, and those of the package, in this order', () => {
    const cache = putIntoCache('openmpi.node', 'mpi_abi.node');
    const places = [packageFile('build/Release'), cache, packageFile('prebuilt')];
    for (const abi of ['openmpi', 'standard']) {
      const files = [...findAddons('openmpi')].filter((each) => each.abi === abi);
      const order = files.map(({ file }) =>
        places.findIndex((place) => file.startsWith(place + path.sep)),
      );
      expect(order).toContain(1);
      expect(order).toEqual([...order].sort());
    }
    const isPrebuilt = [...findAddons(null)].map((each) => each.isPrebuilt);
    expect(isPrebuilt).toEqual([...isPrebuilt].sort());
  });

  test('are those of its own ABI before those of the ABI of MPI 5, and none of another MPI', () => {
    const cache = putIntoCache('openmpi.node', 'mpich.node', 'mpi_abi.node');
    const inCache = [...findAddons('mpich')].filter(({ file }) => file.startsWith(cache));
    expect(inCache.map(({ abi }) => abi)).toEqual(['mpich', 'standard']);
    expect([...findAddons('mpich')].map(({ abi }) => abi)).not.toContain('openmpi');
  });

  test('are those of Open MPI first where any will do', () => {
    const cache = putIntoCache('openmpi.node', 'mpich.node', 'mpi_abi.node');
    const inCache = [...findAddons(null)].filter(({ file }) => file.startsWith(cache));
    expect(inCache.map(({ abi }) => abi)).toEqual(['openmpi', 'mpich', 'standard']);
  });
});

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('a file that is to be loaded', () => {
  const binary = readFileSync(process.execPath).subarray(0, 64);

  const isWholeOf = (content: Buffer) => {
    const file = path.join(folder, 'addon.node');
    writeFileSync(file, content);
    return isWhole(file);
  };

  /** A header of ELF that says where the table of sections is, and as much after it. */
  function elf(sections: { at: number; count: number }, length: number): Buffer {
    const header = Buffer.from(binary);
    header.writeBigUInt64LE(BigInt(sections.at), 40);
    header.writeUInt16LE(64, 58);
    header.writeUInt16LE(sections.count, 60);
    return Buffer.concat([header, Buffer.alloc(length - 64)]);
  }

  test('is whole where it ends with its last section or after it', () => {
    expect(isWhole(process.execPath)).toBe(true);
    expect(isWholeOf(elf({ at: 1000, count: 3 }, 1192))).toBe(true);
    expect(isWholeOf(elf({ at: 1000, count: 3 }, 1200))).toBe(true);
  });

  test('is not where it ends before', () => {
    expect(isWholeOf(elf({ at: 1000, count: 3 }, 1191))).toBe(false);
    expect(isWholeOf(elf({ at: 1000, count: 3 }, 64))).toBe(false);
    expect(isWholeOf(binary.subarray(0, 40))).toBe(false);
  });

  test('is left to the dynamic linker where it is none', () => {
    expect(isWholeOf(Buffer.alloc(0))).toBe(true);
    expect(isWholeOf(Buffer.from('text'))).toBe(true);
  });
});
