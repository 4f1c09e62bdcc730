/** Reads the command line of mpi-futures. */

import { valuesOf } from './mpiexec_options.js';
import { CommandLineError, type HelpTopic } from './usage.js';

/**
 * The form in which a program is given: a path, a module (`-m`), its text (`-c`), or nothing, in which case standard
 * input has the text.
 */
export interface ProgramName {
  readonly form: 'path' | 'module' | 'code' | 'input';
  /** The path, the module or the text. */
  readonly name: string;
}

/** `mpi-futures PROGRAM`, run by an mpiexec. */
export interface ProgramCommand {
  readonly kind: 'program';
  readonly program: ProgramName;
  /** The arguments that follow the program in process.argv. */
  readonly args: readonly string[];
  /** The options of this package in front of the program, as variables of the environment. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** `mpi-futures -n N PROGRAM`, which starts an mpiexec. */
export interface LaunchCommand {
  readonly kind: 'launch';
  readonly ranks: number;
  /** The options that are passed to mpiexec. */
  readonly options: readonly string[];
  readonly program: ProgramName;
  /** The program and its arguments, as the user gave them. */
  readonly words: readonly string[];
}

/** A parsed command line, of one of the commands. */
export type Command =
  | ProgramCommand
  | LaunchCommand
  | { readonly kind: 'version' }
  | { readonly kind: 'help'; readonly of: HelpTopic }
  | { readonly kind: 'build' | 'doctor' | 'report'; readonly args: readonly string[] };

const nameOfRanks = /^--?(n|np)$/;

interface OwnOption {
  readonly variable: string;
  /** A word for the value; undefined if there is none. */
  readonly value?: string;
}

/** The options of this package that stand in front of a program, and the variables that they set: to 1, or to their value. */
const ownOptions: Readonly<Record<string, OwnOption>> = {
  '--isolate': { variable: 'MPI_FUTURES_ISOLATE' },
  '--progress': { variable: 'MPI_FUTURES_PROGRESS' },
  '--trace': { variable: 'MPI_FUTURES_TRACE', value: 'a file' },
};

/** @throws {CommandLineError} */
export function parseCommandLine(words: readonly string[]): Command {
  const [first, ...rest] = words;
  switch (first) {
    case '-h':
    case '--help':
      return { kind: 'help', of: 'mpi-futures' };
    case '--version':
      return { kind: 'version' };
    case 'build':
    case 'doctor':
    case 'report':
      if (rest.some((word) => word === '-h' || word === '--help'))
        return { kind: 'help', of: first };
      return { kind: first, args: rest };
  }
  const { variables, others } = takeOwnOptions(words);
  if (others.length < words.length && !isOptionOfMpiexec(others[0]))
    return { ...parseProgram(others), variables };
  return isOptionOfMpiexec(first) ? parseLaunch(words) : parseProgram(words);
}

/** Takes the options of this package from the front. */
function takeOwnOptions(words: readonly string[]): {
  variables: Record<string, string>;
  others: readonly string[];
} {
  const variables: Record<string, string> = {};
  let at = 0;
  for (;;) {
    const own = ownOption(words[at]);
    if (own === undefined) return { variables, others: words.slice(at) };
    const { name, variable, value, inWord } = own;
    at++;
    if (value === undefined) {
      if (inWord !== undefined)
        throw new CommandLineError(
          `Expected ${name} without a value but received ${name}=${inWord}`,
        );
      variables[variable] = '1';
      continue;
    }
    const given = inWord ?? words[at++];
    if (!given) throw new CommandLineError(`Expected ${value} after ${name}`);
    variables[variable] = given;
  }
}

/** The option of this package that a word is: `--trace`, whose value is the next word, or `--trace=FILE`. */
function ownOption(
  word = '',
): (OwnOption & { name: string; inWord: string | undefined }) | undefined {
  const [, name = '', inWord] = /^([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  const own = Object.hasOwn(ownOptions, name) ? ownOptions[name] : undefined;
  return own && { ...own, name, inWord };
}

/** The number of words after the option that are its value; undefined for an option of others. */
function valuesOfOwn(word: string | undefined): number | undefined {
  const own = ownOption(word);
  return own && (own.value === undefined || own.inWord !== undefined ? 0 : 1);
}

function parseProgram(words: readonly string[]): ProgramCommand {
  const [first, ...rest] = words;
  switch (first) {
    case undefined:
      throw new CommandLineError('Expected a program to run');
    case '-':
      return { kind: 'program', program: { form: 'input', name: '-' }, args: rest };
    case '-c':
      return parseNamed('code', 'a text', rest);
    case '-m':
      return parseNamed('module', 'a module', rest);
    case '--':
      return parseNamed('path', 'a program', rest, '--');
  }
  return { kind: 'program', program: { form: 'path', name: first }, args: rest };
}

function parseNamed(
  form: 'path' | 'module' | 'code',
  what: string,
  [name, ...args]: readonly string[],
  option = form === 'code' ? '-c' : '-m',
): ProgramCommand {
  if (name === undefined) throw new CommandLineError(`Expected ${what} after ${option}`);
  return { kind: 'program', program: { form, name }, args };
}

function parseLaunch(words: readonly string[]): LaunchCommand {
  const { options, end } = optionsOfMpiexec(words);
  const at = options.findIndex((option) => nameOfRanks.test(option));
  if (at < 0)
    throw new CommandLineError(
      'Expected -n N, the number of processes, among the options of mpiexec',
    );
  const [option = '', ranks] = options.splice(at, 2);
  const another = options.find((option) => nameOfRanks.test(option));
  if (another !== undefined)
    throw new CommandLineError(
      `Expected the number of processes once, but received ${option} and ${another}`,
    );
  const count = parseRanks(option, ranks);
  const { own, others } = separateOwn(options);
  const programWords = words.slice(end);
  const { program } = parseProgram(programWords);
  return {
    kind: 'launch',
    ranks: count,
    options: others,
    program,
    words: [...own, ...programWords],
  };
}

/** Separates the options of this package, with their values, from those of mpiexec. */
function separateOwn(options: readonly string[]): { own: string[]; others: string[] } {
  const own: string[] = [];
  const others: string[] = [];
  for (let at = 0; at < options.length; at++) {
    const values = valuesOfOwn(options[at]);
    (values === undefined ? others : own).push(options[at]!);
    if (values === 1) own.push(options[++at] ?? '');
  }
  takeOwnOptions(own); // checks the values
  return { own, others };
}

/** The options before the program, with their values. If an option is unknown, the user ends the options with `--`. */
function optionsOfMpiexec(words: readonly string[]): { options: string[]; end: number } {
  let end = 0;
  while (isOptionOfMpiexec(words[end])) {
    const option = words[end]!;
    const values = nameOfRanks.test(option) ? 1 : (valuesOfOwn(option) ?? valuesOf(option));
    if (values === undefined) {
      end = words.indexOf('--', end);
      if (end < 0) throw unknownOption(option);
    } else end = Math.min(end + 1 + values, words.length);
  }
  return { options: words.slice(0, end), end };
}

function parseRanks(option: string, word: string | undefined): number {
  if (word !== undefined && /^[1-9]\d*$/.test(word)) return Number(word);
  const received = word === undefined ? 'nothing' : `'${word}'`;
  throw new CommandLineError(
    `Expected a number of processes after ${option}, at least 1, but received ${received}`,
  );
}

function isOptionOfMpiexec(word: string | undefined): boolean {
  return word?.startsWith('-') === true && !['-', '--', '-c', '-m'].includes(word);
}

function unknownOption(option: string): CommandLineError {
  return new CommandLineError(
    `Unknown option: ${option}. If it is one of mpiexec's, put -- in front of the program: ` +
      `mpi-futures -n N ${option} … -- FILE`,
  );
}
