/**
 * docs/guide/options.md: all options, made of the doc comments of their interfaces. To make it anew: node scripts/options_page.mjs.
 * With --check it only says whether it is as it would be made.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { runAsProgram, ScriptError } from './main.mjs';
import { root } from './paths.mjs';

const page = path.join(root, 'docs/guide/options.md');

/** @typedef {{ name: string, type: string, text: string }} Option */
/** @typedef {{ of: string, without: string[] }} Base the interface whose options it has, too, and those of them that it has not */
/** @typedef {{ name: string, text: string, base: Base | undefined, options: Option[] }} Options */

/** The interfaces in the order of the page, with where a program writes them, and the page that has more. */
const ORDER = {
  PoolOptions: ['`new PoolExecutor(options)`, `new ProcessPoolExecutor(options)`', 'executors.md'],
  ThreadPoolOptions: ['`new ThreadPoolExecutor(options)`', 'executors.md#what-differs-on-threads'],
  CommExecutorOptions: [
    '`new CommExecutor(comm, options)`',
    'executors.md#in-a-program-that-all-ranks-run',
  ],
  TaskOptions: ['`pool.with(options)`', 'errors_and_timeouts.md#task-options'],
  MapOptions: ['`pool.map(fn, …, options)`, `pool.starmap(fn, tuples, options)`', ''],
  BootupOptions: ['`pool.bootup(options)`', ''],
  ShutdownOptions: ['`pool.shutdown(options)`', ''],
  WaitOptions: ['`future.result(options)`, `future.exception(options)`', ''],
  KillOptions: ['`future.cancel(options)`', ''],
  WaitForOptions: ['`wait(futures, options)`', ''],
  AsCompletedOptions: ['`asCompleted(futures, options)`', ''],
  InitializeOptions: ['`initialize(options)` of `mpi-futures/mpi`', 'mpi.md'],
  SpawnOptions: ['`comm.spawn(command, args, count, options)` of `mpi-futures/mpi`', 'mpi.md'],
};

/** @returns {string[]} the names of public interfaces of options */
function publicOptions() {
  const entries = ['lib/index.ts', 'lib/mpi/index.ts'].map((file) => parse(path.join(root, file)));
  return entries.flatMap((source) =>
    source.statements
      .filter(ts.isExportDeclaration)
      .flatMap(({ exportClause }) =>
        exportClause !== undefined && ts.isNamedExports(exportClause)
          ? exportClause.elements.map(({ name }) => name.text)
          : [],
      )
      .filter((name) => name.endsWith('Options')),
  );
}

/** @returns {Map<string, Options>} all interfaces of lib/ whose names end so */
function interfaces() {
  const lib = path.join(root, 'lib');
  const files = readdirSync(lib, { recursive: true, encoding: 'utf8' });
  /** @type {Map<string, Options>} */
  const found = new Map();
  for (const file of files.filter((file) => file.endsWith('.ts'))) {
    // Those of workers have the same name, and are no user's.
    if (/^(workers|pool|addon|cli)\//.test(file)) continue;
    const source = parse(path.join(lib, file));
    for (const node of source.statements.filter(ts.isInterfaceDeclaration))
      if (node.name.text.endsWith('Options')) found.set(node.name.text, describe(node, source));
  }
  return found;
}

/** @param {string} file */
function parse(file) {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
}

/** @param {ts.InterfaceDeclaration} node @param {ts.SourceFile} source @returns {Options} */
function describe(node, source) {
  const options = node.members.filter(ts.isPropertySignature).map((member) => ({
    name: member.name.getText(source),
    type: (member.type?.getText(source) ?? '')
      .replace(/ \| undefined$/, '')
      .replace(/^\((\(.+)\)$/, '$1'),
    text: comment(member),
  }));
  return { name: node.name.text, text: comment(node), base: baseOf(node, source), options };
}

/** @param {ts.InterfaceDeclaration} node @param {ts.SourceFile} source @returns {Base | undefined} of `Omit<Base, names>` */
function baseOf(node, source) {
  const text = node.heritageClauses?.[0]?.types[0]?.getText(source) ?? '';
  const [, of, names] = /^Omit<(\w+), (.+)>$/.exec(text) ?? [];
  if (of === undefined || names === undefined) return undefined;
  const [, object] = /^keyof typeof (\w+)$/.exec(names) ?? [];
  return { of, without: object === undefined ? wordsOf(names) : keysOf(object, source) };
}

/** @param {string} names such as `'a' | 'b'` */
function wordsOf(names) {
  return names.split(' | ').map((name) => name.slice(1, -1));
}

/** @param {string} object the name of a constant @param {ts.SourceFile} source */
function keysOf(object, source) {
  const [declared] = source.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .filter(({ name }) => name.getText(source) === object);
  const value = declared?.initializer;
  const literal = value !== undefined && ts.isAsExpression(value) ? value.expression : value;
  if (literal === undefined || !ts.isObjectLiteralExpression(literal))
    throw new ScriptError(`${source.fileName} has no object ${object}`);
  return literal.properties.map(({ name }) => name?.getText(source) ?? '');
}

/** @param {ts.Node} node @returns {string} its doc comment as Markdown of a page of docs/guide */
function comment(node) {
  const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return docs
    .map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '')
    .join(' ')
    .replaceAll(/\{@link (\S+)\}/g, '`$1`')
    .replaceAll(/\bdocs\/guide\/(\w+)\.md/g, '[$1]($1.md)')
    .replaceAll(/\s+/g, ' ');
}

/** @returns {Promise<string>} the text of the page */
async function textOfPage() {
  const missing = publicOptions().filter((name) => !(name in ORDER));
  if (missing.length > 0)
    throw new ScriptError(`scripts/options_page.mjs has no place for ${missing.join(', ')}`);
  const all = interfaces();
  const text = `# Options

After this page you know every option, its type, its default and what it does.

\`node scripts/options_page.mjs\` makes it of the comments in the code. A wrong type is a \`TypeError\`, a number outside its range a
\`RangeError\`, and a name that does not exist a \`TypeError\` that names the nearest one. \`undefined\` is the default. Variables that set
defaults: [variables](variables.md).

${Object.entries(ORDER)
  .map(([name, [use = '', more = '']]) => section(all.get(name), name, use, more))
  .join('\n')}`;
  const { format, resolveConfig } = await import('prettier'); // jest cannot load it
  return format(text, { ...(await resolveConfig(page)), filepath: page });
}

/** @param {Options | undefined} options @param {string} name @param {string} use @param {string} more */
function section(options, name, use, more) {
  if (options === undefined) throw new ScriptError(`lib/ has no interface ${name}`);
  return [
    `## ${name}`,
    '',
    `${use}. ${moreThanOf(options.text)}${more && ` More: [${more.split('.')[0]}](${more}).`}`,
    '',
    ...(options.base === undefined ? [] : [inherits(options.base), '']),
    '| option | type | what it is |',
    '| --- | --- | --- |',
    ...options.options.map(
      ({ name, type, text }) => `| \`${name}\` | \`${cell(type)}\` | ${cell(text)} |`,
    ),
    '',
  ].join('\n');
}

/** @param {Base} base */
function inherits({ of, without }) {
  const names = without.map((name) => `\`${name}\``);
  const last = names.pop();
  const list = names.length > 0 ? `${names.join(', ')} and ${last}` : last;
  return `All of [${of}](#${of.toLowerCase()}) but ${list}. These are new, or differ:`;
}

/** @param {string} text @returns {string} what follows `Options of something.` or `Options of something:` */
function moreThanOf(text) {
  return text
    .replace(/^Options of .+?([.:] |\.$)/, '')
    .replace(/^[a-z]/, (letter) => letter.toUpperCase());
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
}

void runAsProgram(import.meta.url, async () => {
  const text = await textOfPage();
  if (process.argv[2] !== '--check') writeFileSync(page, text);
  else if (readFileSync(page, 'utf8') !== text)
    throw new ScriptError('docs/guide/options.md is not current: node scripts/options_page.mjs');
});
