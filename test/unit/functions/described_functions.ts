import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ScriptIndex, type ScriptFormat } from '../../../lib/functions/source/script_index.js';
import type { ScriptFunction } from '../../../lib/functions/source/script_index.js';

/** The expected description of a function. A field that is left out is expected to be empty. Names are separated by spaces. */
export interface Expected {
  path?: readonly (string | number)[];
  exportedAs?: string;
  shape?: ScriptFunction['shape'];
  ownName?: string;
  locals?: string;
  module?: string;
  globals?: string;
  /** `import.meta`, `import()`, `eval`, `#` for private members, `sloppy`, `text alone` */
  flags?: string;
  bond?: string;
  members?: Record<string, string>;
}

export interface Script {
  format: ScriptFormat;
  /** Hands its functions to `probe(label, fn)`. */
  source: string;
  functions: Record<string, Expected>;
  /** Those of `vm.runInThisContext`, for plain scripts. */
  options?: { lineOffset?: number; columnOffset?: number };
}

interface Located {
  source: string;
  start: { line: number; column: number };
  functions: Record<string, { line: number; column: number; text: string }>;
}

/** Asks V8 where the functions are, and tests what the index says of the function there. */
export function testScripts(scripts: Record<string, Script>): void {
  const located = locate(Object.values(scripts));
  describe.each(Object.keys(scripts).map((name, index) => ({ name, index })))(
    '$name',
    ({ name, index }) => {
      const { format, functions } = scripts[name]!;
      const { source, start, functions: found } = located[index]!;
      const scriptIndex = new ScriptIndex(source, format, start);

      test('has all that were probed', () => {
        expect(Object.keys(found).sort()).toEqual(Object.keys(functions).sort());
      });

      test.each(Object.keys(functions))('%s', (label) => {
        const { line, column, text } = found[label]!;
        const fn = scriptIndex.find(line, column, text);
        expect(fn && summary(fn)).toEqual(functions[label]);
        if (fn?.surroundingsKnown) expect(textAt(source, start, fn)).toMatch(startOf(text));
      });
    },
  );
}

export function locate(
  scripts: readonly Pick<Script, 'format' | 'source' | 'options'>[],
): Located[] {
  const program = join(__dirname, 'script_locations.mjs');
  const output = execFileSync(process.execPath, [program], {
    input: JSON.stringify(scripts),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return JSON.parse(output) as Located[];
}

export function summary(fn: ScriptFunction): Expected {
  const flags = [
    fn.usesImportMeta && 'import.meta',
    fn.usesDynamicImport && 'import()',
    fn.usesDirectEval && 'eval',
    fn.hasPrivateMembers && '#',
    !fn.strict && 'sloppy',
    !fn.surroundingsKnown && 'text alone',
  ].filter((flag) => flag !== false);
  const members = [...fn.membersUsed].map(([name, keys]) => [name, [...keys].join(' ')] as const);
  return {
    ...(fn.path && { path: fn.path }),
    ...(fn.exportedAs !== undefined && { exportedAs: fn.exportedAs }),
    ...(fn.shape !== 'expression' && { shape: fn.shape }),
    ...(fn.ownName !== undefined && { ownName: fn.ownName }),
    ...(fn.locals.length > 0 && { locals: fn.locals.join(' ') }),
    ...(fn.moduleNames.length > 0 && { module: fn.moduleNames.join(' ') }),
    ...(fn.globals.length > 0 && { globals: fn.globals.join(' ') }),
    ...(flags.length > 0 && { flags: flags.join(' ') }),
    ...(fn.bondToSurroundings !== undefined && { bond: fn.bondToSurroundings }),
    ...(members.length > 0 && { members: Object.fromEntries(members) }),
  };
}

function textAt(source: string, start: Located['start'], { line, column }: ScriptFunction): string {
  const lines = source.split(/\r\n|[\n\r\u2028\u2029]/);
  return lines[line - start.line]!.slice(column - (line === start.line ? start.column : 0));
}

function startOf(text: string): RegExp {
  const [firstLine] = text.split(/[\n\r\u2028\u2029]/);
  return new RegExp(`^${firstLine!.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
}
