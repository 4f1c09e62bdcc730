/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testTimeout: 60_000,
  // MPI jobs fill the machine by themselves; side by side they would only time each other out.
  maxWorkers: 1,
  // TypeScript sources import each other by the names that they have once compiled.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '\\.(ts|mjs)$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }],
  },
  reporters: ['default', '<rootDir>/scripts/closing_line_reporter.mjs'],
};
