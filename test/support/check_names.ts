/**
 * The names of the checks of a program, which jest must know before the program runs. They are read by a parser, and a
 * call whose name cannot be read that way is refused: no check is left out silently.
 */

import { parse, type AnyNode } from 'acorn';

/** @throws {Error} for a name that is computed or stands twice, for another use of `check`, and when there is none */
export function checkNamesIn(text: string, file: string): string[] {
  const module = parse(text, {
    ecmaVersion: 'latest',
    sourceType: file.endsWith('.cjs') ? 'commonjs' : 'module',
    allowHashBang: true,
    locations: true,
  });
  const names = [...usesOfCheck(module)].flatMap((use) => {
    if (use.name === undefined) {
      const { line } = use.node.loc!.start;
      throw new Error(
        `Expected check('a name', body) and no other use of check, so that its name can be read, but found one in ${file}:${line}`,
      );
    }
    return use.name;
  });
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new Error(`Expected each name once but ${file} has two: ${twice}`);
  if (names.length === 0) throw new Error(`Expected a check in ${file} but found none`);
  return names;
}

interface Use {
  node: AnyNode;
  /** Its name; none where it is imported; undefined: it cannot be told. */
  name: string | [] | undefined;
}

function* usesOfCheck(node: AnyNode, parents: readonly AnyNode[] = []): Generator<Use> {
  if (node.type === 'Identifier' && node.name === 'check')
    yield { node, name: nameAt(node, parents) };
  for (const value of Object.values(node) as unknown[]) {
    for (const child of [value].flat())
      if (isNode(child)) yield* usesOfCheck(child, [node, ...parents]);
  }
}

function nameAt(check: AnyNode, [parent, above]: readonly AnyNode[]): Use['name'] {
  if (parent?.type === 'CallExpression' && parent.callee === check) {
    const [first] = parent.arguments;
    return first?.type === 'Literal' && typeof first.value === 'string' ? first.value : undefined;
  }
  // `import { check } from …` and `const { check } = await import(…)`: only under this name.
  if (parent?.type === 'ImportSpecifier' && parent.local.name === 'check') return [];
  if (parent?.type === 'Property' && parent.shorthand && above?.type === 'ObjectPattern') return [];
  return undefined;
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
