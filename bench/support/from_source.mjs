import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { root } from '../../scripts/paths.mjs';

/**
 * The exports of modules that the package does not export.
 * @param {string} name of the bundle
 * @param {readonly string[]} modules paths in this repository, without extension
 */
export async function fromSource(name, modules) {
  const outfile = path.join(root, 'build', 'bench', `${name}.mjs`);
  const entry = 'from-source';
  const contents = modules.map((module) => `export * from './${module}.ts';`).join('\n');
  const bundle = await rolldown({
    cwd: root,
    input: entry,
    platform: 'node',
    external: /^node:|^acorn$/,
    resolve: { extensionAlias: { '.js': ['.ts'] } },
    plugins: [
      {
        name: entry,
        resolveId: (id) => (id === entry ? path.join(root, entry) : null),
        load: (id) => (id === path.join(root, entry) ? contents : null),
      },
    ],
  });
  await bundle.write({ file: outfile, format: 'esm', codeSplitting: false });
  await bundle.close();
  return import(pathToFileURL(outfile).href);
}
