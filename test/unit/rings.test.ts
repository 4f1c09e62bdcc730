import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { capture, findProgram } from '../../scripts/programs.mjs';
import { describeUnless, unlessLinux } from '../support/unless.js';

// Elsewhere there are none: see native/shared_memory/shared_memory.cc.
const describeHere = describeUnless(unlessLinux);

describeHere('rings between processes of one host', () => {
  let folder: string;
  let program: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-rings-'));
    program = path.join(folder, 'rings');
    const { ok, output } = capture(findProgram('g++') ?? 'c++', [
      ...['-std=c++17', '-O1', '-Wall', '-Wextra', '-Werror', '-I', path.join(root, 'native')],
      path.join(root, 'test/native/rings.cc'),
      ...[
        'system/file_descriptor',
        'channel/peer_memory',
        'shared_memory/shared_memory',
        'rings/ring',
        'rings/shared_rings',
      ].map((name) => path.join(root, `native/${name}.cc`)),
      ...['-o', program],
    ]);
    if (!ok) throw new Error(output);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['stream', 'a million packets of all sizes there and back, in order'],
    ['wraps', 'packets lie across the end of the ring'],
    ['full', 'what has no room is refused whole, and the writer is told when there is room'],
    ['torn', 'a writer that is killed leaves whole packets'],
    ['damaged', 'positions and sizes that cannot be are found, and make no room'],
    ['opened', 'memory that is not what was meant is refused'],
    ['peerMemory', 'memory is read of the process that was meant, and of no other with its id'],
  ])('%s: %s', (check) => {
    expect(capture(program, [check])).toEqual({ ok: true, output: '' });
  });
});

// AddressSanitizer is a library of g++.
const hasSanitizer =
  process.platform === 'linux' &&
  path.isAbsolute(capture('g++', ['-print-file-name=libasan.so']).output.trim());

describeUnless(hasSanitizer ? undefined : 'needs a compiler with AddressSanitizer')(
  'what arrives damaged',
  () => {
    let folder: string;

    beforeAll(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-rings-'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    function build(name: string, sources: string[]): string {
      const program = path.join(folder, name);
      const { ok, output } = capture('g++', [
        ...['-std=c++17', '-O1', '-Wall', '-Wextra', '-Werror', '-I', path.join(root, 'native')],
        ...['-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
        ...[`test/native/${name}.cc`, ...sources].map((file) => path.join(root, file)),
        ...['-o', program],
      ]);
      expect({ ok, output }).toEqual({ ok: true, output: '' });
      return program;
    }

    // A million, or any number: MPI_FUTURES_TEST_PACKETS.
    test('rings: nothing outside of the memory is touched, and what is right arrives', () => {
      const { MPI_FUTURES_TEST_PACKETS: packets = '50000' } = process.env;
      const program = build('fuzzed_rings', ['native/rings/ring.cc']);
      expect(capture(program, [packets, '7'])).toEqual({ ok: true, output: '' });
    });

    test('packets: a million, of which nothing outside is touched, and what is right arrives', () => {
      const sources = ['packet', 'offer', 'memory', 'peer_memory'];
      const program = build(
        'fuzzed_packets',
        sources.map((name) => `native/channel/${name}.cc`),
      );
      const { ok, output } = capture(program, ['1000000', '7']);
      // Sizes that cannot be are asked for on purpose.
      const said = output.replaceAll(/^.*AddressSanitizer failed to allocate.*\n/gm, '');
      expect({ ok, said }).toEqual({ ok: true, said: '' });
    });
  },
);
