/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/test/support/environment.mjs',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // No test depends on how fast the machine is: test/support/run.ts notices what hangs, long before this.
  testTimeout: 1_500_000,
  // MPI jobs wait as much as they compute: with three files at a time two cores have something to do.
  maxWorkers: 3,
  // TypeScript sources import each other by the names that they have once compiled.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    // Those of node_modules that are ES modules only are transformed, too.
    '\\.(ts|mjs)$|/modern-tar/.+\\.js$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!modern-tar/)'],
  reporters: ['default', '<rootDir>/scripts/closing_line_reporter.mjs'],
};
