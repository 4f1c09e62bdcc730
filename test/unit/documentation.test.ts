/** The names in the pages: links, error codes, variables, commands. test/mpi/readme.test.ts runs their programs. */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as errors from '../../lib/errors.js';
import { parseCommandLine } from '../../lib/cli/command_line.js';
import type { Facts } from '../../lib/cli/doctor/facts.js';
import { variableFindings } from '../../lib/cli/doctor/findings/variables.js';
import { pages as helpPages } from '../../lib/cli/usage.js';
import { root } from '../../scripts/paths.mjs';

const filesBelow = (folder: string, pattern: RegExp): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => pattern.test(file) && !file.includes('node_modules'))
    .map((file) => path.posix.join(folder, file));

const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'bench/README.md'],
  ...filesBelow('docs', /\.md$/),
];
const sources = filesBelow('lib', /\.ts$/);

/** Without blocks of code, in which brackets mean something else. */
const proseOf = (file: string): string =>
  textOf(file)
    .replaceAll(/^```.*?^```$/gms, '')
    .replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, ''));

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(file: string): Set<string> {
  const headings = [...proseOf(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  const slugs = headings.map((heading) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return new Set(slugs);
}

function faultOfLink(from: string, target: string): string | undefined {
  const [place = '', anchor] = target.split('#');
  const file = place === '' ? from : path.posix.join(path.posix.dirname(from), place);
  if (!existsSync(path.join(root, file))) return `${from}: ${target}: there is no such file`;
  if (anchor === undefined || anchorsOf(file).has(anchor)) return undefined;
  return `${from}: ${target}: there is no such heading`;
}

describe('links', () => {
  test.each(pages)('of %s lead to files and headings that exist', (page) => {
    const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(
      ([, target = '']) => target,
    );
    const own = targets.filter((target) => !/^[a-z]+:/.test(target));
    expect(own.flatMap((target) => faultOfLink(page, target) ?? [])).toEqual([]);
  });

  test('from code and its messages lead to pages that exist', () => {
    const files = ['lib', 'scripts', 'native', 'test', 'bench', 'examples'].flatMap((folder) =>
      filesBelow(folder, /\.(ts|mjs|cjs|cc|h|sbatch|md)$/),
    );
    const faults = files.flatMap((file) =>
      [...textOf(file).matchAll(/\bdocs\/[\w/]+\.md(?:#[\w-]+)?/g)].flatMap(
        ([target]) => faultOfLink('README.md', target)?.replace('README.md', file) ?? [],
      ),
    );
    expect(faults).toEqual([]);
  });

  /** Nothing here can be fetched: whether these pages are there, a reader has to say. */
  describe('to other sites', () => {
    const files = [
      ...pages,
      ...['lib', 'native', 'scripts', 'examples'].flatMap((folder) =>
        filesBelow(folder, /\.(ts|mjs|cc|h|sbatch)$/),
      ),
      ...filesBelow('.github', /\.(yml|md)$/),
    ];
    const found = files.flatMap((file) => textOf(file).match(/\bhttps?:\/\/[^\s)>"'`|\]]+/g) ?? []);
    const addresses = [...new Set(found.map((address) => address.replace(/[.,;:]+$/, '')))].filter(
      (address) => !/^http:\/\/(localhost|127\.0\.0\.1)\b/.test(address),
    );

    test('are whole addresses', () => {
      expect(addresses.length).toBeGreaterThan(20);
      const wrong = addresses.filter(
        (address) => !/^https:\/\/[\w-]+(\.[\w-]+)+(\/\S*)?$/.test(address),
      );
      expect(wrong).toEqual([]);
    });

    test('have one spelling for each place', () => {
      const places = new Map<string, string[]>();
      for (const address of addresses) {
        const place = address
          .toLowerCase()
          .replace(/^https:\/\/(www\.)?/, '')
          .replace(/\/(blob|tree)\/(main|master)\b/, '')
          .replace(/(\.git|\/)$/, '');
        places.set(place, [...(places.get(place) ?? []), address]);
      }
      expect([...places.values()].filter((spellings) => spellings.length > 1)).toEqual([]);
    });

    test('with a number lead to this number', () => {
      const numbered = pages.flatMap((page) => [
        ...proseOf(page).matchAll(/\[[\w-]*#(\d+)\]\(https:\/\/github\.com\/[^)]+?\/(\d+)\)/g),
      ]);
      expect(numbered.length).toBeGreaterThan(5);
      expect(numbered.filter(([, said, led]) => said !== led).map(([link]) => link)).toEqual([]);
    });
  });

  test('the index has every page', () => {
    const index = textOf('docs/README.md');
    const others = pages.filter((page) => /^docs\/(guide|design)\//.test(page));
    const missing = others.filter(
      (page) => !index.includes(`(${path.posix.relative('docs', page)})`),
    );
    expect(missing).toEqual([]);
  });
});

const guide = filesBelow('docs/guide', /\.md$/);

test.each(guide)('%s opens with what its reader can do', (page) => {
  const [, opening] = textOf(page).split('\n\n');
  expect(opening).toMatch(/^After this page you /);
});

describe('docs/guide/reliability.md', () => {
  const [, ...sections] = textOf('docs/guide/reliability.md').split(/^## /m);
  const shown = (section: string) => [...section.matchAll(/^- `(test\/\S+)`: (.+)$/gm)];

  test('each section has tests', () => {
    expect(sections.length).toBeGreaterThan(5);
    expect(sections.filter((section) => shown(section).length === 0)).toEqual([]);
  });

  test('the tests that it names are there', () => {
    const named = sections.flatMap(shown);
    const missing = named.filter(
      ([, file = '', name = '']) =>
        !['`', "'"].some((mark) => textOf(file).includes(`${mark}${name}${mark}`)),
    );
    expect(missing.map(([line]) => line)).toEqual([]);
  });
});

/** The first cells of all tables of a page whose first column has this heading. */
function firstCells(page: string, heading: string): string[] {
  const [, ...tables] = textOf(page).split(
    new RegExp(`^\\| ${heading} +\\|.*\\n\\|[ |-]+\\n`, 'm'),
  );
  return tables.flatMap((table) => {
    const [rows = ''] = table.split(/\n(?!\|)/);
    return rows.split('\n').flatMap((row) => /^\| ([^|]+)/.exec(row)?.[1]?.trim() ?? []);
  });
}

/** The names with which these cells begin. */
function firstColumn(page: string, heading: string): string[] {
  return firstCells(page, heading).flatMap((cell) => /^`([^`]+)`/.exec(cell)?.[1] ?? []);
}

describe('docs/guide/errors_and_timeouts.md', () => {
  const page = 'docs/guide/errors_and_timeouts.md';
  // Codes that are compared with those of errors of Node.js.
  const codesOfNode = new Set([
    'ERR_ACCESS_DENIED',
    'ERR_DLOPEN_DISABLED',
    'ERR_UNKNOWN_FILE_EXTENSION',
    'ERR_WORKER_INVALID_EXEC_ARGV',
  ]);
  const literalsOf = (pattern: RegExp): string[] => [
    ...new Set(sources.flatMap((file) => textOf(file).match(pattern) ?? [])),
  ];
  const listed = firstColumn(page, 'code');

  test('has every code of an error in lib/, and no other', () => {
    const codes = literalsOf(/(?<=')ERR_[A-Z_]+(?=')/g).filter((code) => !codesOfNode.has(code));
    expect(listed.filter((code) => code.startsWith('ERR_')).sort()).toEqual(codes.sort());
  });

  test('has every code of a warning in lib/, and no other', () => {
    const codes = literalsOf(/(?<=\bcode: ')MPI_FUTURES_[A-Z_]+(?=')/g);
    expect(listed.filter((code) => code.startsWith('MPI_FUTURES_')).sort()).toEqual(codes.sort());
  });

  test('says for each code when it comes and what to do now', () => {
    const rows = textOf(page).match(/^\| `(ERR|MPI_FUTURES)_.*$/gm) ?? [];
    expect(rows).toHaveLength(listed.filter((code) => /^(ERR|MPI_FUTURES)_/.test(code)).length);
    const cells = rows.map((row) => row.split(' | ').map((cell) => cell.replace(/\|$/, '').trim()));
    expect(cells.filter((row) => ![3, 5].includes(row.length) || row.includes(''))).toEqual([]);
  });

  test('has every class beside its code', () => {
    type AnyError = new (message: string, more: unknown) => Error & { code: string };
    const classes = Object.entries(errors as unknown as Record<string, AnyError>);
    const missing = classes.filter(([name, Class]) => {
      const code = name === 'MPIUnavailableError' ? 'ERR_MPI_NOT_FOUND' : new Class('', {}).code;
      return !new RegExp(`^\\| \`${code}\` +\\| \`${name}\``, 'm').test(textOf(page));
    });
    expect(missing).toEqual([]);
  });
});

test('docs/guide/variables.md has every variable that users may set, and no other', () => {
  const inside = /_(STARTER|INPUT|COLUMNS|NPM|SANITIZE|SONAME|ABIS?|TEST_\w+)$/;
  const literals = (files: string[], pattern: RegExp): string[] =>
    files.flatMap((file) => textOf(file).match(pattern) ?? []);
  const read = [
    ...literals(sources, /(?<!code: ')\bMPI_FUTURES_[A-Z_]+\b/g),
    ...literals(filesBelow('native', /\.(cc|h)$/), /(?<=")MPI_FUTURES_[A-Z_]+(?=")/g),
  ];
  const warnings = new Set(firstColumn('docs/guide/errors_and_timeouts.md', 'code'));
  warnings.delete('MPI_FUTURES_THREAD_LEVEL'); // is both a variable and a code
  const variables = [...new Set(read)].filter((name) => !inside.test(name) && !warnings.has(name));
  const listed = firstColumn('docs/guide/variables.md', 'variable').map(
    (name) => name.split('=')[0],
  );
  expect(listed.filter((name) => name?.startsWith('MPI_FUTURES_')).sort()).toEqual(
    variables.sort(),
  );
});

test('docs/guide/variables.md has every variable of MPI that lib/ sets where it is not set', () => {
  const library = textOf('lib/addon/library_settings.ts');
  const set = library.match(/\b(OMPI_MCA|PRTE_MCA|UCX)_\w+/g) ?? [];
  const page = textOf('docs/guide/variables.md');
  expect(set.length).toBeGreaterThan(3);
  expect(set.filter((name) => !page.includes(`\`${name}`))).toEqual([]);
});

test('docs/guide/launchers.md has every option of the command, and no other', () => {
  const named = Object.values(helpPages).flatMap((page) => page.match(/(?<=[ [])--[a-z]+/g) ?? []);
  const listed = firstCells('docs/guide/launchers.md', 'option').flatMap(
    (cell) => cell.match(/(?<=`)--[a-z]+/g) ?? [],
  );
  expect([...new Set(listed)].sort()).toEqual([...new Set(named)].sort());
});

describe('an entry is on one page only', () => {
  const others = (page: string) => guide.filter((other) => other !== page);

  test.each([
    ['error code', 'docs/guide/errors_and_timeouts.md', 'code', /^ERR_/],
    ['variable', 'docs/guide/variables.md', 'variable', /^MPI_FUTURES_(?!THREAD_LEVEL)/], // which is a code, too
  ])('of each %s: %s', (_, page, heading, kind) => {
    const names = firstColumn(page, heading)
      .map((name) => name.split('=')[0] ?? '')
      .filter((name) => kind.test(name));
    expect(names.length).toBeGreaterThan(10);
    const rows = others(page).flatMap(
      (other) => textOf(other).match(/^\| `\w+`.*\n(?!\| -)/gm) ?? [],
    );
    expect(rows.filter((row) => names.some((name) => row.startsWith(`| \`${name}\``)))).toEqual([]);
  });

  test('of each option of a call: docs/guide/options.md', () => {
    const page = 'docs/guide/options.md';
    const names = new Set(firstColumn(page, 'option'));
    expect(names.size).toBeGreaterThan(30);
    const found = others(page).flatMap((other) => firstColumn(other, 'option'));
    expect(found.filter((name) => names.has(name))).toEqual([]);
  });
});

test('the doctor knows every variable of docs/guide/variables.md', () => {
  const names = firstColumn('docs/guide/variables.md', 'variable')
    .map((name) => name.split('=')[0] ?? '')
    .filter((name) => name.startsWith('MPI_FUTURES_'));
  const environment = Object.fromEntries(names.map((name) => [name, '1']));
  const texts = variableFindings({ environment } as Facts).map(({ text }) => text);
  expect(texts).toHaveLength(names.length);
  expect(texts.filter((text) => text.includes('there is no such variable'))).toEqual([]);
});

test('docs/guide/options.md is what scripts/options_page.mjs makes of the code', () => {
  const script = path.join(root, 'scripts/options_page.mjs');
  const { stderr, status } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

/** Lines of blocks, and what stands between backticks. */
function commandsOf(page: string): string[] {
  const text = textOf(page).replaceAll(/^```.*?^```$/gms, '');
  const blocks = [...text.matchAll(/^ {4}(\S.*)$/gm)].map(([, line = '']) => line);
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...blocks, ...inline].map((line) => line.replace(/\s+#.*$/, '').trim());
}

describe('commands', () => {
  const commands = [...new Set(pages.flatMap(commandsOf))];

  test('npm runs scripts that package.json has', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const named = commands.flatMap((command) => /\bnpm run ([\w:-]+)/.exec(command)?.[1] ?? []);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('node runs files that are there', () => {
    const named = commands.flatMap(
      (command) => /\bnode ((?:scripts|bench|examples|test)\/\S+)/.exec(command)?.[1] ?? [],
    );
    expect(named.length).toBeGreaterThan(1);
    expect(named.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });

  /** Without those that are only a name, such as `mpi-futures -n N`. */
  const ours = commands.filter((command) =>
    /(^|[ /])mpi-futures (?!…|-n$|-n N$|-n \d+$)\S/.test(command),
  );

  test.each(ours)('mpi-futures takes %s', (command) => {
    const [, line = ''] = /(?:^|[ /])mpi-futures (.+)$/.exec(command) ?? [];
    const words = line.split(/\s+/).map((word) => (word === 'N' ? '2' : word));
    const { kind } = parseCommandLine(words);
    if (/^(MPI_\S+ )*npx /.test(command)) expect(kind).not.toBe('program'); // that is for an mpiexec to start
    if (kind !== 'build' && kind !== 'doctor') return;
    const options = line.match(/(?<![\w-])--[\w-]+/g) ?? [];
    expect(options.filter((option) => !helpPages[kind].includes(option))).toEqual([]);
  });
});

describe('shell', () => {
  const syntaxErrors = (script: string): string =>
    spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' }).stderr;
  /** Blocks that are whole scripts. */
  const scripts = pages.flatMap((page) =>
    [...textOf(page).matchAll(/^ {4}#!.*\n(?: {4}.*\n)*/gm)].map(([block]) =>
      block.replaceAll(/^ {4}/gm, ''),
    ),
  );

  test('the scripts of batch systems are ones, with their directives in front', () => {
    const directives = scripts.map((script) => /^#(\w+):? -/m.exec(script)?.[1]);
    expect(directives.sort()).toEqual(['BSUB', 'PBS', 'flux']);
    for (const script of [...scripts, textOf('examples/slurm/julia.sbatch')]) {
      expect(syntaxErrors(script)).toBe('');
      expect(script).toMatch(
        /^#!\/bin\/bash\n(#(PBS|BSUB|SBATCH|flux:) -.*\n)+(?![^]*^#(PBS|BSUB|SBATCH|flux:))/m,
      );
    }
  });

  test('the command lines are ones', () => {
    const first =
      /^([A-Z][A-Z_]+=\S+ )*(mpiexec|npx|npm|node|srun|sbatch|bsub|qsub|flux|docker|apptainer|export(?= [A-Z])) /;
    const lines = [...new Set(pages.flatMap(commandsOf))].filter((line) => first.test(line));
    expect(lines.length).toBeGreaterThan(100);
    expect(syntaxErrors(lines.join('\n'))).toBe('');
  });
});

test('files of this project that the pages name are there', () => {
  const ours = ['lib', 'native', 'scripts', 'test', 'bench', 'examples'].flatMap((folder) =>
    filesBelow(folder, /./),
  );
  const isThere = (name: string): boolean =>
    ours.some((file) => file === name || file.endsWith(`/${name}`));
  const named = pages
    .filter((page) => page !== 'CHANGELOG.md' && !page.includes('mpi4py'))
    .flatMap((page) =>
      [...textOf(page).matchAll(/`([\w./]+\.(?:ts|cc|h))`/g)].map(([, name = '']) => ({
        page,
        name,
      })),
    );
  // Files of programs in examples, of MPI, and of zeromq.js.
  const ofOthers = new Set(['app.ts', '.ts', 'mpi.h', 'closable.h', 'outgoing_msg.cc']);
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter(({ name }) => !ofOthers.has(name) && !isThere(name))).toEqual([]);
});

test('the blocks of code are of kinds that are run, and few that are not', () => {
  const kinds = pages.flatMap((page) =>
    [...textOf(page).matchAll(/^```(\w*)\n.*?^```$/gms)].map(
      ([, kind = '']) => `${kind} of ${page}`,
    ),
  );
  // Blocks of js are run by test/mpi/readme.test.ts. An interface, and Python for users of mpi4py, are only read.
  expect(kinds.filter((kind) => !kind.startsWith('js of '))).toEqual([
    'ts of docs/guide/doctor.md',
    'python of docs/guide/mpi4py.md',
  ]);
});

describe('docs/guide/troubleshooting.md', () => {
  const text = textOf('docs/guide/troubleshooting.md');
  const quoted = [...text.matchAll(/^\| ([^|]*)/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+ [^`]+)`/g)].map(([, words = '']) => words),
  );
  /** Those of Node.js, of the system and of an MPI. */
  const ofOthers = [
    'libatomic.so.1: cannot open shared object file',
    'Cannot use import statement outside a module',
    'has detected an attempt to run as root',
    'There are not enough slots available',
    'Unable to get the user home directory',
    'Bus error (signal 7)',
    'not enough space for /dev/shm/…',
    'Not enough memory to write',
    'mpiexec … hostname',
  ];
  const ours = quoted.filter((words) => !ofOthers.includes(words));
  /** All that lib/ says, with each text that is written in pieces as one. */
  const said = sources
    .map(textOf)
    .join('\n')
    .replaceAll(/['`] \+\s+['`]/g, '');

  test('quotes others', () => {
    expect(ofOthers.filter((words) => !quoted.includes(words))).toEqual([]);
    expect(ours.length).toBeGreaterThan(8);
  });

  test.each(ours)('quotes a message of this package: %s', (words) => {
    const pieces = words.split(/…|\d+|\(device [^)]*\)/).map((piece) => piece.trim());
    expect(pieces.filter((piece) => !said.includes(piece))).toEqual([]);
  });
});
