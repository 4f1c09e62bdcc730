import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addonCache } from '../../lib/addon/loading/addon_cache.js';
import { findAddons } from '../../lib/addon/loading/addon_files.js';
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
