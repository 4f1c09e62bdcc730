// `npm run site`: the documentation as a site, in site/build/html. VitePress makes it of docs/, README.md and the other pages, of the
// examples, and of the pages that typedoc makes of the public names. Any server of files can serve it.
//
//   npm run site                          makes it
//   npm run site -- --serve               and serves it on this machine
//   npm run site -- --base /mpi-futures/  makes it for a server that has it below this path, such as the pages of a project on GitHub

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { cleanEnvironment } from '../scripts/mpi_environment.mjs';
import { folders } from './paths.mjs';

const { root, site, docs, build, pages, html } = folders;

/** Pages outside of docs/, by what they are called in the site. */
const OTHERS = {
  'README.md': 'index.md',
  'docs/README.md': 'docs.md',
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md',
  'SECURITY.md': 'security.md',
  'bench/README.md': 'bench.md',
};

const { base, serve } = options();
installWhatIsMissing();
rmSync(pages, { recursive: true, force: true });
rmSync(html, { recursive: true, force: true });
mkdirSync(pages, { recursive: true });
writePages();
run('typedoc', ['--options', path.join(site, 'typedoc.json'), '--out', path.join(pages, 'api')]);
withoutTags(path.join(pages, 'api'));
nameModules(path.join(pages, 'api/index.md'));
run('vitepress', ['build', site, '--base', base]);
console.log(`${path.join(html, 'index.html')}`);
if (serve) run('vitepress', ['preview', site, '--base', base]);

/** @returns {{ base: string, serve: boolean }} */
function options() {
  try {
    const { base, serve } = parseArgs({
      options: {
        base: { type: 'string', default: '/' },
        serve: { type: 'boolean', default: false },
      },
    }).values;
    if (!/^\/([\w.~-]+\/)*$/.test(base))
      throw new Error(`Expected a path that begins and ends with / after --base but received ${base}`); // prettier-ignore
    return { base, serve };
  } catch (error) {
    console.error(`npm run site: ${/** @type {Error} */ (error).message}`);
    process.exit(1);
  }
}

function installWhatIsMissing() {
  const installed = path.join(site, 'node_modules/.package-lock.json');
  const stamp = path.join(build, 'lock');
  const lock = readFileSync(path.join(site, 'package-lock.json'), 'utf8');
  if (existsSync(installed) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  check(
    // As in scripts/setup/npm_packages.mjs: whatever NODE_ENV says, these are packages for development.
    spawnSync('npm', ['ci', '--include=dev', '--prefix', site], {
      env: cleanEnvironment(),
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
    'npm ci',
  );
  mkdirSync(build, { recursive: true });
  writeFileSync(stamp, lock);
}

function writePages() {
  for (const folder of ['guide', 'design'])
    cpSync(path.join(docs, folder), path.join(pages, folder), {
      recursive: true,
      filter: (file) => !file.endsWith('.md'),
    });
  for (const page of pagesOfDocs()) write(`docs/${page}`, page);
  for (const [from, to] of Object.entries(OTHERS)) write(from, to);
  for (const example of examples()) {
    const text = readFileSync(path.join(root, 'examples', example), 'utf8');
    const language = example.endsWith('.mjs') ? 'js' : 'sh';
    put(pageOfExample(example), `# ${example}\n\n\`\`\`${language}\n${text}\`\`\`\n`);
  }
}

/** @returns {string[]} such as guide/values.md */
function pagesOfDocs() {
  return ['guide', 'design'].flatMap((folder) =>
    readdirSync(path.join(docs, folder))
      .filter((file) => file.endsWith('.md'))
      .map((file) => `${folder}/${file}`),
  );
}

/** @returns {string[]} such as slurm/julia.sbatch */
function examples() {
  return readdirSync(path.join(root, 'examples'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.(mjs|sbatch)$/.test(file),
  );
}

/** @param {string} example */
function pageOfExample(example) {
  return `examples/${example.replaceAll('.', '_')}.md`;
}

/** A page of the repository as one of the site: its links lead to pages of the site. @param {string} from @param {string} to */
function write(from, to) {
  const text = readFileSync(path.join(root, from), 'utf8');
  const inFences = text.split(/^(```.*?^```\n)/ms);
  const moved = inFences.map((part, i) =>
    i % 2 === 1
      ? part
      : part
          .replaceAll(/<!--.*?-->\n*/gs, '')
          .replaceAll(/\[([^\]]*)\]\(([^)\s]+)\)/g, (link, words, target) => {
            if (/^([a-z]+:|#)/.test(target)) return link;
            const [place = '', anchor] = target.split('#');
            const file = path.posix.join(path.posix.dirname(from), place);
            const page = pageOf(file);
            if (page === undefined) return words; // a file of the repository, which has no page
            const relative = path.posix.relative(path.posix.dirname(to), page);
            return `[${words}](./${relative}${anchor === undefined ? '' : `#${anchor}`})`;
          }),
  );
  put(to, moved.join(''));
}

/** @param {string} file of the repository @returns {string | undefined} its page in the site */
function pageOf(file) {
  if (file in OTHERS) return OTHERS[/** @type {keyof typeof OTHERS} */ (file)];
  if (/^docs\/(guide|design)\//.test(file)) return file.slice('docs/'.length);
  if (file.startsWith('examples/') && examples().includes(file.slice('examples/'.length)))
    return pageOfExample(file.slice('examples/'.length));
  return undefined;
}

/** @param {string} page @param {string} text */
function put(page, text) {
  const file = path.join(pages, page);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Nobody links to typedoc's anchors in tables, and tags are text in this site. @param {string} folder */
function withoutTags(folder) {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.md')) continue;
    const text = readFileSync(path.join(folder, file), 'utf8');
    writeFileSync(path.join(folder, file), text.replaceAll(/<a id="[^"]*"><\/a> ?/g, ''));
  }
}

/** By the names that programs import, where typedoc has those of files. @param {string} page */
function nameModules(page) {
  const names = { index: 'mpi-futures', mpi: 'mpi-futures/mpi' };
  let text = readFileSync(page, 'utf8');
  for (const [file, name] of Object.entries(names)) text = text.replace(`[${file}](`, `[${name}](`);
  writeFileSync(page, text);
}

/** @param {string} program @param {string[]} args */
function run(program, args) {
  const bin = path.join(site, 'node_modules/.bin', program);
  check(spawnSync(bin, args, { cwd: site, stdio: ['ignore', 'inherit', 'inherit'] }), program);
}

/** @param {import('node:child_process').SpawnSyncReturns<Buffer>} result @param {string} program */
function check({ status, error }, program) {
  if (status === 0) return;
  console.error(`${program} failed: ${error?.message ?? 'see above'}`);
  process.exit(1);
}
