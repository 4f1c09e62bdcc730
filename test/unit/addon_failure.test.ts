import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { faultOf } from '../../lib/addon/loading/addon_binary.js';
import {
  noAddon,
  otherLibrary,
  otherVersion,
  unusableAddon,
} from '../../lib/addon/loading/addon_failure.js';
import { describeUnless, unlessLinux } from '../support/unless.js';

const onLinux = describeUnless(unlessLinux);

onLinux('a file that is to be loaded', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-binary-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const binary = readFileSync(process.execPath).subarray(0, 64);

  const faultOfContent = (content: Buffer) => {
    const file = path.join(folder, 'addon.node');
    writeFileSync(file, content);
    return faultOf(file);
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
    expect(faultOf(process.execPath)).toBeUndefined();
    expect(faultOfContent(elf({ at: 1000, count: 3 }, 1192))).toBeUndefined();
    expect(faultOfContent(elf({ at: 1000, count: 3 }, 1200))).toBeUndefined();
  });

  test('is cut off where it ends before', () => {
    expect(faultOfContent(elf({ at: 1000, count: 3 }, 1191))).toBe('it is cut off');
    expect(faultOfContent(elf({ at: 1000, count: 3 }, 64))).toBe('it is cut off');
    expect(faultOfContent(binary.subarray(0, 40))).toBe('it is cut off');
  });

  test.each([
    ['another machine', 18],
    ['another size of addresses', 4],
    ['another order of bytes', 5],
  ])('is for another kind of processor where its header says %s', (_, at) => {
    const other = elf({ at: 1000, count: 3 }, 1192);
    other.writeUInt8(other.readUInt8(at) ^ 3, at);
    expect(faultOfContent(other)).toBe('it is for another kind of processor');
  });

  test('is not a file where it is a folder or a device', () => {
    expect(faultOf(folder)).toBe('it is not a file');
    expect(faultOf('/dev/null')).toBe('it is not a file');
  });

  test('is left to the dynamic linker where it is none', () => {
    expect(faultOfContent(Buffer.alloc(0))).toBeUndefined();
    expect(faultOfContent(Buffer.from('text'))).toBeUndefined();
  });
});

describe('an addon that cannot be used', () => {
  const file = '/package/prebuilt/addon.node';
  const prebuilt = { file, abi: 'openmpi', isPrebuilt: true } as const;
  const built = { ...prebuilt, isPrebuilt: false };

  // The messages of glibc, musl and macOS.
  test.each([
    'libmpi.so.40: cannot open shared object file: No such file or directory',
    `Error loading shared library libmpi.so.40: No such file or directory (needed by ${file})`,
    `dlopen(${file}, 0x0001): Library not loaded: /opt/homebrew/opt/open-mpi/lib/libmpi.40.dylib`,
    'libmpi_cray.so.12: cannot open shared object file: No such file or directory',
  ])('because its MPI is not there: %s', (message) => {
    expect(unusableAddon(file, new Error(message), prebuilt).code).toBe('ERR_MPI_NOT_FOUND');
  });

  const damaged = /: (it is cut off|file too short|invalid ELF header)\. The file is damaged\. /;

  test.each([
    ['it is cut off', damaged],
    [`${file}: file too short`, damaged],
    [`${file}: invalid ELF header`, damaged],
    ['it is not a file', /: it is not a file\. /],
    ['it is for another kind of processor', /: it is for another kind of processor\. /],
    [noAddon, /: it is not an addon of this package\. /],
    [
      otherVersion('1.2.3', '1.3.0'),
      /: it is of version 1\.2\.3 of this package, which is of version 1\.3\.0 here\. /,
    ],
    [otherVersion(undefined, '1.3.0'), /: it is of an older version of this package, /],
    [`EACCES: permission denied, open '${file}'`, /: EACCES: permission denied, open '.+'\. /],
  ])('because of itself: %s', (message, words) => {
    for (const [kind, advice] of [
      [prebuilt, 'Install the package again, or build it: npx mpi-futures build'],
      [built, 'Build it again: npx mpi-futures build'],
      [
        undefined,
        'Name another one, unset MPI_FUTURES_ADDON, or build it again: npx mpi-futures build',
      ],
    ] as const) {
      const error = unusableAddon(file, new Error(message), kind);
      expect(error.code).toBe('ERR_ADDON_UNUSABLE');
      expect(error.message).toMatch(words);
      expect(error.message.endsWith(advice)).toBe(true);
      expect(error.message.split(file)).toHaveLength(message.includes('open') ? 3 : 2);
    }
  });

  test.each([
    [
      'libopen-pal.so.40: cannot open shared object file: No such file or directory',
      'libopen-pal.so.40 belongs to Open MPI, or is needed by it. Install it again, or load the module of Open MPI',
    ],
    ['/lib/libmpi.so.40: file too short', 'This library is damaged. Install Open MPI again'],
    [
      '/lib/libmpi.so.40: wrong ELF class: ELFCLASS32',
      'This library is damaged. Install Open MPI again',
    ],
    [
      `${file}: undefined symbol: MPI_Comm_idup`,
      'The library of Open MPI that was found is too old',
    ],
    [
      `${file}: undefined symbol: ompi_mpi_cxx_bool`,
      'The library of Open MPI that was found is too old',
    ],
    [otherLibrary, 'A link or LD_LIBRARY_PATH leads to it in place of Open MPI'],
    [
      "libc.so.6: version `GLIBC_2.99' not found (required by it)",
      'Build it for this one: npx mpi-futures build',
    ],
  ])('because of what it needs: %s', (message, advice) => {
    const error = unusableAddon(file, new Error(message), prebuilt);
    expect(error.code).toBe('ERR_ADDON_UNUSABLE');
    expect(error.message).toMatch(advice);
  });
});
