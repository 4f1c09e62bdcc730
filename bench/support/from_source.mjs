import path from 'node:path';
import { pathToFileURL } from 'node:url';
import esbuild from 'esbuild';
import { root } from '../../scripts/paths.mjs';

/**
 * The exports of modules of lib/ that the package does not export.
 * @param {string} name of the bundle
 * @param {readonly string[]} modules paths in lib/, without extension
 */
export async function fromSource(name, modules) {
  const outfile = path.join(root, 'build', 'bench', `${name}.mjs`);
  await esbuild.build({
    absWorkingDir: root,
    stdin: {
      contents: modules.map((module) => `export * from './lib/${module}.ts';`).join('\n'),
      resolveDir: root,
    },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}
