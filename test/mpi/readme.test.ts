import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { describeOn, describeOnEachMpi } from '../support/layouts.js';
import { expectStatus, runProgram } from '../support/program.js';

// Inside the package, where it is found by its own name, and where git does not look.
const folder = path.join(root, 'build/readme');

/** The programs of a page: what runs as it stands, with the lines that its comments say it prints. */
function programsOf(page: string): { code: string; printed: string[] }[] {
  const text = readFileSync(path.join(root, page), 'utf8');
  return [...text.matchAll(/```js\n(.+?)```/gs)].map(([, code = '']) => ({
    code,
    printed: [...code.matchAll(/console\.log\(.*\/\/ (.+)$/gm)].flatMap(([, comment = '']) =>
      comment.split(', '),
    ),
  }));
}

const pages = [
  'README.md',
  ...['executors', 'functions', 'mpi4py', 'values'].map((page) => `docs/${page}.md`),
];

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

for (const mpi of ['openmpi', 'mpich'] as const) {
  describeOn(mpi, `the programs of docs/mpi.md, which all ranks run: ${mpi}`, () => {
    beforeAll(() => mkdirSync(folder, { recursive: true }));

    for (const [index, { code, printed }] of programsOf('docs/mpi.md').entries()) {
      test(`number ${index + 1} prints what its comments say`, async () => {
        const program = path.join(folder, `mpi${index}.${mpi}.mjs`);
        writeFileSync(program, code);
        const result = await runProgram({ mpi, ranks: 3, program });
        expectStatus(result, 0);
        expect(printed.length).toBeGreaterThan(0);
        expect(result.stdout.trim().split(/\r?\n/)).toEqual(printed);
      });
    }
  });
}
