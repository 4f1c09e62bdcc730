import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { createNodeResolver, flatConfigs, importX } from 'eslint-plugin-import-x';
import jsdoc from 'eslint-plugin-jsdoc';
import globals from 'globals';
import { defineConfig, globalIgnores } from 'eslint/config';
import typescript from 'typescript-eslint';

// The rooms of lib/ from the lowest up. A room imports from its own row and from those before it.
const ROOMS = [
  ['futures', 'progress', 'tracing', 'values', 'scheduling', '!(index).ts'],
  ['functions'],
  ['tasks', 'process'],
  ['addon'],
  ['mpi', 'workers'],
  ['pool'],
  ['executors'],
  ['worker', 'cli'],
  ['comm_executor'],
  ['index.ts'],
  ['entry'],
];

const zones = ROOMS.slice(0, -1).map((row, level) => ({
  target: row.map(inLib),
  from: ROOMS.slice(level + 1)
    .flat()
    .map(inLib),
  message:
    'A room of lib/ imports only from below: see the order of the rooms in eslint.config.mjs.',
}));

function inLib(room) {
  return `./lib/${room}`;
}

// Its octal literals are none to a parser of TypeScript.
const OF_LOOSE_MODE = 'test/programs/functions/exports_object.cjs';

const NODE_FILE =
  'Only addon_files.ts, load_addon.ts and load_sandbox_addon.ts, all in lib/addon/loading/, touch addons.';

// A doc comment that opens with one of these makes its reader look elsewhere for what it is about.
const NO_OPENING = [
  'What',
  'Whether',
  'Who',
  'Which',
  'Where',
  'Why',
  'It',
  'Its',
  'They',
  'Them',
  'Their',
  'That',
  'Those',
  'There',
  'The same',
  'So many',
];

export default defineConfig(
  globalIgnores(['**/build/', 'coverage/', 'dist/', 'dist.*/', 'variants/']),
  js.configs.recommended,
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['test/programs/under_jest/**'],
    languageOptions: { globals: globals.jest },
  },
  {
    // A check that nobody waits for cannot fail: programs are plain JavaScript, and so are checked for this by what is known
    // of types all the same. `void` says that nobody is to wait.
    files: ['**/*.mjs', '**/*.cjs'],
    ignores: [OF_LOOSE_MODE],
    plugins: { '@typescript-eslint': typescript.plugin },
    languageOptions: {
      parser: typescript.parser,
      parserOptions: { project: './tsconfig.lint.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'no-unused-expressions': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [
      typescript.configs.strictTypeChecked,
      typescript.configs.stylisticTypeChecked,
      flatConfigs.typescript,
    ],
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Under noUncheckedIndexedAccess this is how an index known to be in range is written.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    // Jest's matchers are typed any, and what stands in for something real may be empty.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // A skipped test says why, in the table of docs/guide/compatibility.md too.
    files: ['test/**/*.ts'],
    ignores: ['test/support/unless.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['test', 'describe', 'it'].map((object) => ({
          object,
          property: 'skip',
          message: 'test/support/unless.ts skips tests, and says why.',
        })),
      ],
    },
  },
  {
    files: ['lib/**/*.ts'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensionAlias: { '.js': ['.ts', '.js'] } })],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      'import-x/no-cycle': 'error',
      'import-x/no-unresolved': ['error', { ignore: ['^node:'] }],
    },
  },
  {
    // Every exported name has a doc comment, which says more than the name.
    files: ['lib/**/*.ts'],
    plugins: { jsdoc },
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          enableFixer: false,
          require: { ClassDeclaration: true, FunctionDeclaration: true },
          contexts: [
            'ExportNamedDeclaration > VariableDeclaration',
            'TSInterfaceDeclaration',
            'TSTypeAliasDeclaration',
          ],
        },
      ],
      'jsdoc/informative-docs': 'error',
      'jsdoc/match-description': [
        'error',
        {
          matchDescription: `^(?!(?:${NO_OPENING.join('|')})\\b)[^]`,
          message:
            'Begin with a noun or a verb that says what is meant, not with a pronoun or a question word.',
          contexts: ['any'],
        },
      ],
    },
  },
  {
    files: ['lib/**/*.ts'],
    ignores: ['lib/addon/loading/addon_files.ts', 'lib/addon/loading/load_addon.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'Literal[value=/\\.node$/]', message: NODE_FILE },
        { selector: 'TemplateElement[value.raw=/\\.node$/]', message: NODE_FILE },
        {
          selector: "MemberExpression[object.name='process'][property.name='dlopen']",
          message: NODE_FILE,
        },
      ],
    },
  },
  prettier,
);
