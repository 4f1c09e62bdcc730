import { parseCommandLine, type LaunchCommand } from '../../lib/cli/command_line.js';

const parse = (line: string) => parseCommandLine(line === '' ? [] : line.split(' '));

test.each([
  ['app.js', 'path', 'app.js', []],
  ['app.js a -n 3 --help', 'path', 'app.js', ['a', '-n', '3', '--help']],
  ['-- -odd.js a', 'path', '-odd.js', ['a']],
  ['-m tool -c', 'module', 'tool', ['-c']],
  ['-c code a', 'code', 'code', ['a']],
  ['- a -', 'input', '-', ['a', '-']],
])('%s', (line, form, name, args) => {
  expect(parse(line)).toEqual({ kind: 'program', program: { form, name }, args });
});

test.each([
  ['-n 3 app.js a', [], 'app.js a'],
  ['-np 3 app.js -- a', [], 'app.js -- a'],
  ['--host a:2,b:2 -n 3 app.js', ['--host', 'a:2,b:2'], 'app.js'],
  ['-n 3 --mca pml ob1 -q app.js', ['--mca', 'pml', 'ob1', '-q'], 'app.js'],
  ['-genv A 1 -n 3 -usize 4 -m tool', ['-genv', 'A', '1', '-usize', '4'], '-m tool'],
  ['-n 3 --map-by=node -c code', ['--map-by=node'], '-c code'],
  ['-n 3 -oversubscribe - a', ['-oversubscribe'], '- a'],
  ['-n 3 --new-option x -- app.js', ['--new-option', 'x'], '-- app.js'],
  ['--new-option -n 3 -- app.js', ['--new-option'], '-- app.js'],
])('%s', (line, options, words) => {
  expect(parse(line)).toMatchObject({ kind: 'launch', ranks: 3, options, words: words.split(' ') });
});

test.each(['--trace run.json --progress', '--progress --trace=run.json'])(
  '%s is for the program',
  (own) => {
    const variables = { MPI_FUTURES_TRACE: 'run.json', MPI_FUTURES_PROGRESS: '1' };
    const program = { form: 'path', name: 'app.js' };
    const alone = { kind: 'program', program, args: ['a'], variables };
    expect(parse(`${own} app.js a`)).toEqual(alone);
    const launched = parse(`-n 3 -q ${own} app.js a`);
    expect(launched).toMatchObject({ kind: 'launch', options: ['-q'], program });
    expect(parse((launched as LaunchCommand).words.join(' '))).toEqual(alone);
  },
);

test.each([
  ['-h', { kind: 'help', of: 'mpi-futures' }],
  ['--help', { kind: 'help', of: 'mpi-futures' }],
  ['build --help', { kind: 'help', of: 'build' }],
  ['doctor --json -h', { kind: 'help', of: 'doctor' }],
  ['--version', { kind: 'version' }],
  ['doctor --json', { kind: 'doctor', args: ['--json'] }],
  ['build --mpicc mpicc', { kind: 'build', args: ['--mpicc', 'mpicc'] }],
])('%s', (line, command) => {
  expect(parse(line)).toEqual(command);
});

test.each([
  ['', 'a program'],
  ['-m', 'a module after -m'],
  ['-c', 'a text after -c'],
  ['--', 'a program after --'],
  ['-n', 'but received nothing'],
  ['-n app.js', "but received 'app.js'"],
  ['-n 3', 'a program'],
  ['--trace', 'a file after --trace'],
  ['--trace= app.js', 'a file after --trace'],
  ['-n 3 --trace= app.js', 'a file after --trace'],
  ['--progress=1 app.js', '--progress without a value'],
  ['-n 3 -m', 'a module'],
  ['-n 0 app.js', "'0'"],
  ['-n -1 app.js', "'-1'"],
  ['-n x app.js', "'x'"],
  ['-n 2.5 app.js', "'2.5'"],
  ['-n 2 -np 3 app.js', 'once, but received -n and -np'],
  ['-q app.js', '-n N'],
  ['--such-option app.js', '--such-option'],
  ['-n 3 --such-option app.js', '--such-option'],
])('%s is refused', (line, word) => {
  const refusal = { code: 'ERR_USAGE', message: expect.stringContaining(word) };
  expect(() => parse(line)).toThrow(expect.objectContaining(refusal));
});
