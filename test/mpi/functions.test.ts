import { testChecks } from '../support/checks.js';
import { describeOnEachLayout, programFile } from '../support/layouts.js';

const programs = {
  'functions of modules': 'functions.mjs',
  'functions of a CommonJS program': 'functions.cjs',
  'functions with captured variables': 'closures.mjs',
  'variables of the module': 'module_variables.mjs',
  'a CommonJS program that returns at its top level': 'returns_early.cjs',
  'functions that were changed': 'changed_functions.mjs',
  'functions that are refused': 'refused_functions.mjs',
  'functions that nothing else refers to': 'forgotten_functions.mjs',
  'stacks of tasks': 'traces.mjs',
  'codecs and search paths': 'codec.mjs',
};

for (const [name, program] of Object.entries(programs)) {
  describeOnEachLayout(name, ({ run }) => {
    testChecks(program, (options) => run(program, options));
  });
}

describeOnEachLayout('functions of modules that need a hook of require', ({ run }) => {
  const nodeArgs = ['-r', programFile('functions/types_stripped.cjs')];
  testChecks('typed.cjs', (options) => run('typed.cjs', { ...options, nodeArgs }));
});
