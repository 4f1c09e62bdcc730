import { readFileSync } from 'node:fs';
import {
  availableMpis,
  describeOnEachLayout,
  describeOnEachMpi,
  layouts,
  programFile,
  threads,
} from '../support/layouts.js';
import { expectStatus, isEndedByOpenMpi, runProgram } from '../support/program.js';
import { skipped } from '../support/unless.js';

const [major = 0] = process.versions.node.split('.').map(Number);
const hasImportMetaMain = major >= 24;
const hasPermissions = major >= 24;

describeOnEachLayout('a program without guard', ({ run, name }) => {
  test.each(['shutdown', 'by itself'])(
    'whose function uses nothing of it: ends %s',
    async (end) => {
      const result = await run('unguarded.mjs', { args: ['nothing', end] });
      expectStatus(result, 0);
      expect(result.stdout).toBe('42\n');
    },
  );

  // runProgram fails if a process still exists 3 s after the end.
  test('whose function needs it: ends with advice, status 1 and nothing left', async () => {
    const result = await run('unguarded.mjs', { args: ['the program'] });
    if (!isEndedByOpenMpi(result, name)) expectStatus(result, 1);
    expect(result.stderr).toMatch('if (isMain)');
    expect(result.stderr).toMatch('unguarded.mjs');
    expect(result.stdout).toBe('');
  });
});

describeOnEachLayout('a guard', ({ run }) => {
  const guards = ['isMain', 'process.argv[1]', ...(hasImportMetaMain ? ['import.meta.main'] : [])];
  if (!hasImportMetaMain) console.warn('Skipped: import.meta.main needs Node.js 24');

  test.each(guards)('%s is true for the program alone', async (guard) => {
    const result = await run('guards.mjs', { args: [guard] });
    expectStatus(result, 0);
    expect(result.stdout).toBe('42 true\n');
  });

  // mpi4py: `main=True`, the default: the main module is imported at the start
  test('with main: true, after which the program is there at the start', async () => {
    const result = await run('guards.mjs', { args: ['isMain', 'main'] });
    expectStatus(result, 0);
    expect(result.stdout).toBe('42 true\n');
  });

  test('require.main === module is true for the program alone', async () => {
    const result = await run('guards.cjs');
    expectStatus(result, 0);
    expect(result.stdout).toBe('[ 42, true ]\n');
  });
});

/** The output of test/programs/scripted.mjs. */
const scripted = [
  'variables: 42',
  'read anew: 43',
  'function: 42',
  'other functions: 8',
  'class: 7',
  'instance: 9',
  'result: true',
  'recursion: 120',
  'function of a module: "a/b"',
  'module: "y"',
  'global: 5',
  'global of the worker: 9',
  'typeof: "undefined"',
  'import(): "/"',
];

const esm = readFileSync(programFile('scripted.mjs'), 'utf8');
const commonJs = esm
  .replace(/import (\w+), (\{.*?\}) from ('.+');/, 'const $1 = require($3); const $2 = $1;')
  .replace(/import (.+) from ('.+');/, 'const $1 = require($2);')
  .replace("await print('import", "await print('require', () => require('node:path').sep);\n$&");

describeOnEachMpi(
  'a program without a file',
  ({ mpi, launched, installation }) => {
    const as = (text: string) =>
      mpi === null ? text.replaceAll('PoolExecutor', 'ThreadPoolExecutor') : text;
    // mpi4py: the interactive interpreter may not work
    const ways = {
      'node -e, an ES module': [['--input-type=module', '-e', as(esm)], undefined],
      'node -e, CommonJS': [['-e', as(commonJs)], undefined],
      'node -, an ES module': [['--input-type=module', '-'], as(esm)],
      'node -, CommonJS': [['-'], as(commonJs)],
    } as const;

    test.each(Object.entries(ways))('%s', async (_, [[first, ...rest], stdin]) => {
      const env = {
        ...(mpi !== null && { MPI_FUTURES_MPI: mpi }),
        ...installation?.env,
        MPI_FUTURES_MAX_WORKERS: '1',
      };
      const program = { program: first, args: rest, env, ...(stdin !== undefined && { stdin }) };
      const result = await runProgram({
        ...installation,
        ...program,
        mpi: launched ? mpi : null,
      });
      expectStatus(result, 0);
      const lines = result.stdout.trim().split('\n');
      expect(lines.filter((line) => !line.startsWith('require'))).toEqual(scripted);
      if (!(rest as string[]).includes(as(esm)) && stdin !== as(esm))
        expect(lines).toContain('require: "/"');
    });
  },
  [...layouts.filter(({ spawns }) => spawns), threads],
);

describeOnEachMpi('a program with module hooks of its own', ({ run }) => {
  test('registered by --import', async () => {
    const hooks = 'export const load = (url, context, next) => next(url, context);';
    const url = `data:text/javascript,${encodeURIComponent(hooks)}`;
    const registration = `import { register } from 'node:module'; register(${JSON.stringify(url)});`;
    const nodeArgs = ['--import', `data:text/javascript,${encodeURIComponent(registration)}`];
    const result = await run('late_hooks.mjs', { nodeArgs });
    expectStatus(result, 0);
    expect(result.stdout).toBe('42 [48,true]\n');
  });

  test('registered while the program is loaded', async () => {
    const result = await run('late_hooks.mjs');
    expectStatus(result, 0);
    expect(result.stdout).toBe('42 [48,true]\n');
  });
});

describeOnEachMpi('node --frozen-intrinsics', ({ run }) => {
  test('tasks run and fail, and what cannot be sent is refused', async () => {
    const result = await run('frozen.mjs', { nodeArgs: ['--frozen-intrinsics'] });
    expectStatus(result, 0);
    expect(result.stdout).toBe('42\nRangeError too far\nDataCloneError ERR_DATA_CLONE\n');
  });
});

describe('node --permission', () => {
  test('the advice names no flag that this Node.js does not have', async () => {
    const permission = hasPermissions ? '--permission' : '--experimental-permission';
    const nodeArgs = [permission, '--allow-worker', '--allow-fs-read=*'];
    const flag = '--allow-inspector';
    const { stdout } = await threads.run('permission.mjs', { nodeArgs });
    const refused = /^inline: ERR_DATA_CLONE: .*/m.exec(stdout)?.[0];
    expect(refused).toMatch('defineTask');
    expect(refused?.includes(flag)).toBe(process.allowedNodeEnvironmentFlags.has(flag));
  });

  if (!hasPermissions) {
    skipped('node --permission', 'needs Node.js 24');
    return;
  }
  const allowed = ['addons', 'fs-read=*', 'fs-write=*', 'worker', 'child-process'];
  const nodeArgs = ['--permission', ...allowed.map((what) => `--allow-${what}`)];

  const available = layouts.filter(({ mpi }) => mpi !== null && availableMpis().includes(mpi));
  for (const { name, run } of [...available, threads]) {
    test(`${name}: tasks that are named run, others are refused with advice`, async () => {
      const result = await run('permission.mjs', { nodeArgs });
      expectStatus(result, 0);
      const [task, byDefault, map, missing, inline, exported, again] = result.stdout.split('\n');
      expect([task, byDefault, map]).toEqual(['task: ok: 42', 'default: ok: 42', 'map: [2,4,6]']);
      expect(missing).toMatch(/^missing: ERR_DATA_CLONE: .*permission\.mjs.*nothing/);
      expect(inline).toMatch(/^inline: ERR_DATA_CLONE: .*defineTask/);
      expect(exported).toMatch(/^exported: ERR_DATA_CLONE: .*defineTask/);
      expect(again).toBe('task again: ok: 2');
    });
  }
});
