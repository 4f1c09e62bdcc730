import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  canMpichSpawn,
  findMpiexec,
  launchEnvironment,
  whyMpichCannotSpawn,
} from '../../scripts/mpi_environment.mjs';
import { root } from '../../scripts/paths.mjs';
import { describeOn, describeOnEachMpi, LAUNCHER } from '../support/layouts.js';
import { expectStatus, runProgram } from '../support/program.js';
import { testUnless } from '../support/unless.js';

// Inside the package, where programs find it by its name, in a folder that git ignores.
const folder = path.join(root, 'build/readme');

/** The programs of a page: what runs as it stands, with the lines that its comments say it prints. Not the files of others. */
function programsOf(page: string): { code: string; printed: string[] }[] {
  const text = readFileSync(path.join(root, page), 'utf8');
  return [...text.matchAll(/```js\n(?!\/\/ \S+\.mjs\n)(.+?)```/gs)].map(([, code = '']) => ({
    code,
    printed: printedBy(code),
  }));
}

/** The lines that the comments of a program say it prints. */
function printedBy(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\/\/ (.+)$/gm)].flatMap(([, comment = '']) =>
    comment.split(', '),
  );
}

/** Their programs are run by all ranks. Rank 0 alone prints: mpiexec keeps no order between the lines of several. */
const pagesOfCommunicators = ['docs/guide/mpi.md', 'docs/guide/api_mpi.md'];

const pages = ['README.md', ...markdownIn('docs/guide'), ...markdownIn('docs/design')].filter(
  (page) => !pagesOfCommunicators.includes(page) && programsOf(page).length > 0,
);

function markdownIn(folder: string): string[] {
  const files = readdirSync(path.join(root, folder)).filter((file) => file.endsWith('.md'));
  return files.map((file) => `${folder}/${file}`);
}

describeOnEachMpi('the programs of the documentation', ({ run }) => {
  beforeAll(() => mkdirSync(folder, { recursive: true }));

  for (const page of pages) {
    for (const [index, { code, printed }] of programsOf(page).entries()) {
      test(`${page}, number ${index + 1}, prints what its comments say`, async () => {
        const program = path.join(folder, `${path.basename(page, '.md')}${index}.mjs`);
        writeFileSync(program, code);
        const result = await run(program);
        expectStatus(result, 0);
        expect(printed.length).toBeGreaterThan(0);
        expect(result.stdout.trim().split(/\r?\n/)).toEqual(printed);
      });
    }
  }
});

/** The command lines of a page that start app.mjs, whatever stands behind them as a comment. */
function commandsOf(page: string): string[] {
  const text = readFileSync(path.join(root, page), 'utf8');
  const pattern =
    /(?:^ {4}|`)((?:MPI_FUTURES_MAX_WORKERS=\d+ )?(?:mpiexec|npx|node) [^`#\n]*app\.mjs)/gm;
  return [...new Set([...text.matchAll(pattern)].map(([, command = '']) => command))];
}

/** Where nothing is set but what root needs, on two cores, however many there are. */
const onTwoCores = {
  ...Object.fromEntries(
    Object.keys(launchEnvironment('openmpi'))
      .filter((name) => /^(OMPI|PRTE)_MCA_/.test(name))
      .map((name) => [name, undefined]),
  ),
  OMPI_MCA_orte_set_default_slots: '2',
  PRTE_MCA_prte_set_default_slots: '2',
};

/** How many command lines the pages have for Open MPI, and for MPICH. Debian's cannot spawn, and has no option of that name. */
const started = [
  ['README.md', { openmpi: 5, mpich: 3 }],
  ['docs/guide/first_pool.md', { openmpi: 6, mpich: 2 }],
] as const;

for (const [page, counts] of started) {
  for (const mpi of ['openmpi', 'mpich'] as const) {
    describeOn(mpi, `the first program of ${page} on two cores, as it says: ${mpi}`, () => {
      const app = path.join(folder, `${path.basename(page, '.md')}-${mpi}`);
      const [first] = programsOf(page);
      const bin = path.join(app, 'node_modules/.bin');
      const env = { ...onTwoCores, MPI_FUTURES_MPI: mpi, PATH: `${bin}:${process.env.PATH ?? ''}` };

      beforeAll(() => {
        rmSync(app, { recursive: true, force: true });
        mkdirSync(bin, { recursive: true });
        symlinkSync(root, path.join(app, 'node_modules/mpi-futures'));
        // Scripts, not links: hydra looks for its own programs next to the path by which it was called.
        const mpiexec = findMpiexec(mpi)!;
        for (const [name, command] of Object.entries({
          'mpi-futures': `node ${LAUNCHER}`,
          mpiexec,
        }))
          writeFileSync(path.join(bin, name), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
        writeFileSync(path.join(app, 'package.json'), '{}'); // like npm install in an empty directory
        writeFileSync(path.join(app, 'app.mjs'), first?.code ?? '');
      });

      const commands = commandsOf(page).filter(
        (command) =>
          mpi === 'openmpi' ||
          (command.includes('mpi-futures') && !command.includes('--oversubscribe')),
      );

      test(`is started in ${counts[mpi]} ways`, () => {
        expect(commands).toHaveLength(counts[mpi]);
      });

      test.each(commands)('%s', async (command) => {
        // The shell passes the rest, which is node and its program, to the command.
        const within = ['sh', '-c', `exec env ${command}`, 'sh'];
        const result = await runProgram({ within, program: 'app.mjs', cwd: app, env });
        expectStatus(result, 0);
        expect(result.stdout.trim().split(/\r?\n/)).toEqual(first?.printed);
        expect(result.stderr).not.toMatch('Warning');
      });
    });
  }
}

/** Writes the blocks of a page that begin with `// name.mjs` to an app, as files of this name. Returns their texts by name. */
function writeFilesOf(page: string, app: string): Map<string, string> {
  mkdirSync(app, { recursive: true });
  const text = readFileSync(path.join(root, page), 'utf8');
  const files = new Map<string, string>();
  for (const [, name = '', code = ''] of text.matchAll(/```js\n\/\/ (\S+\.mjs)\n(.+?)```/gs)) {
    writeFileSync(path.join(app, name), code);
    files.set(name, code);
  }
  return files;
}

test('the program of docs/guide/piscina.md for piscina prints what its comments say', async () => {
  const app = path.join(folder, 'piscina');
  const files = writeFilesOf('docs/guide/piscina.md', app);
  expect([...files.keys()]).toEqual(['worker.mjs', 'piscina.mjs']);
  const result = await runProgram({ mpi: null, program: path.join(app, 'piscina.mjs') });
  expectStatus(result, 0);
  expect(result.stdout.trim().split('\n')).toEqual(printedBy(files.get('piscina.mjs')!));
});

describeOn('openmpi', 'the test file of docs/guide/tests_and_bundlers.md', () => {
  test('passes under node --test', async () => {
    const app = path.join(folder, 'tests');
    writeFilesOf('docs/guide/tests_and_bundlers.md', app);
    const program = path.join(app, 'pool.test.mjs');
    const result = await runProgram({ nodeArgs: ['--test'], program, cwd: app });
    expectStatus(result, 0);
    expect(result.stdout).toMatch(/pass 1\n/);
  });
});

for (const mpi of ['openmpi', 'mpich'] as const) {
  describeOn(mpi, `the programs of docs/guide/mpi.md, which all ranks run: ${mpi}`, () => {
    beforeAll(() => mkdirSync(folder, { recursive: true }));

    const programs = pagesOfCommunicators.flatMap((page) =>
      programsOf(page).map((program, index) => ({ page, index, ...program })),
    );
    for (const { page, index, code, printed } of programs) {
      const spawns = code.includes('.spawn(');
      const run = testUnless(
        mpi === 'mpich' && spawns && !canMpichSpawn() ? whyMpichCannotSpawn : undefined,
      );
      run(`${page}, number ${index + 1}, prints what its comments say`, async () => {
        const program = path.join(folder, `${path.basename(page, '.md')}${index}.${mpi}.mjs`);
        writeFileSync(program, code);
        const result = await runProgram({ mpi, ranks: 3, program });
        expectStatus(result, 0);
        expect(printed.length).toBeGreaterThan(0);
        expect(result.stdout.trim().split(/\r?\n/)).toEqual(printed);
      });
    }
  });
}
