/** The documentation as a site: made by one command, without dead links, and looked at. */

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { root } from '../../scripts/paths.mjs';
import { PAGES, publicNames } from '../../scripts/public_names.mjs';
import { describeInBrowser, lookAt } from '../support/browser.js';
import { whyNoRegistry } from '../support/packed_app.js';
import { describeUnless } from '../support/unless.js';

/** As the pages of a project on GitHub have one: without it, a link that forgets it would lead to its page all the same. */
const base = '/mpi-futures/';
const html = path.join(root, 'site/build/html');
const why = existsSync(path.join(root, 'site/node_modules')) ? undefined : whyNoRegistry();

describeUnless(why)('the site', () => {
  let files: string[];
  beforeAll(async () => {
    await makeSite();
    files = readdirSync(html, { recursive: true, encoding: 'utf8' });
  });

  test('has every page of the guide and of the design, and every example', () => {
    const pages = ['guide', 'design'].flatMap((folder) =>
      readdirSync(path.join(root, 'docs', folder))
        .filter((file) => file.endsWith('.md'))
        .map((file) => `${folder}/${file.replace('.md', '.html')}`),
    );
    const examples = readdirSync(path.join(root, 'examples'))
      .filter((file) => file.endsWith('.mjs'))
      .map((file) => `examples/${file.replaceAll('.', '_')}.html`);
    const all = [...pages, ...examples, 'index.html', 'docs.html', 'changelog.html'];
    expect(all.filter((file) => !files.includes(file))).toEqual([]);
  });

  test('has a page of each public name, with errors, since, and an example', () => {
    const ofEntry = { 'lib/index.ts': 'index', 'lib/mpi/index.ts': 'mpi' };
    const missing = Object.keys(PAGES).flatMap((entry) =>
      publicNames(entry)
        .filter(({ name }) => {
          const folder = path.join('api', ofEntry[entry as keyof typeof ofEntry]);
          const file = files.find(
            (each) => each.startsWith(folder) && path.basename(each) === `${name}.html`,
          );
          // What is exported by a second name has only a heading.
          if (file === undefined)
            return !idsIn(textOf(`${folder}/index.html`)).has(name.toLowerCase());
          return !/Since.*Errors.*Example/s.test(textOf(file));
        })
        .map(({ name }) => `${entry}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  test('has no dead link, nor one to a heading that is not there', () => {
    const pages = files.filter((file) => file.endsWith('.html') && file !== '404.html');
    const anchors = new Map(pages.map((page) => [page, idsIn(textOf(page))]));
    const dead = pages.flatMap((page) =>
      [...textOf(page).matchAll(/ href="([^"]*)"/g)].flatMap(([, href = '']) => {
        if (/^[a-z]+:/.test(href)) return [];
        const target = new URL(href, `http://site${base}${page}`);
        if (!target.pathname.startsWith(base)) return [`${page}: ${href}: not below ${base}`];
        const file = decodeURI(target.pathname)
          .slice(base.length)
          .replace(/(^|\/)$/, '$1index.html');
        const anchor = decodeURIComponent(target.hash.slice(1));
        if (!files.includes(file)) return [`${page}: ${href}`];
        return anchor === '' || anchors.get(file)?.has(anchor) === true
          ? []
          : [`${page}: ${href}: no such heading`];
      }),
    );
    expect(pages.length).toBeGreaterThan(100);
    expect([...new Set(dead)]).toEqual([]);
  });

  test('names the modules as programs import them, and shows no comment of a page', () => {
    expect(textOf('api/index.html')).toMatch(/>mpi-futures<\/a>.*>mpi-futures\/mpi<\/a>/s);
    const pages = files.filter((file) => file.endsWith('.html'));
    expect(pages.filter((page) => textOf(page).includes('&lt;!--'))).toEqual([]);
  });

  describeInBrowser('in the browser', () => {
    let server: Server;
    let address: string;
    beforeAll(async () => {
      server = createServer((request, response) => {
        const [asked = ''] = (request.url ?? '').split('?');
        const file = path.join(html, decodeURI(asked.slice(base.length)));
        if (!asked.startsWith(base) || !existsSync(file)) return response.writeHead(404).end();
        response.setHeader('content-type', typeOf(file));
        response.end(readFileSync(file));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      address = `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`;
    });
    afterAll(() => server.close());

    test.each([
      ['index', 'Compared with mpi4py.futures and piscina'],
      ['guide/options', 'maxTasksPerWorker'],
      ['guide/errors_and_timeouts', 'ERR_WORKER_LOST'],
      ['api/index/functions/wait', 'FIRST_COMPLETED'],
      ['guide/clusters', 'PBS_O_WORKDIR'],
    ])('%s shows itself without an error', async (page, words) => {
      const name = `site-${page.replaceAll('/', '-')}`;
      const seen = await lookAt(`${address}${page}.html`, name);
      expect(seen.html).toContain(words);
      expect(seen.html).not.toContain('&lt;a id='); // a tag that is shown
      expect(seen.console).toEqual([]);
    });
  });
});

function textOf(file: string): string {
  return readFileSync(path.join(html, file), 'utf8');
}

function idsIn(text: string): Set<string> {
  return new Set([...text.matchAll(/ id="([^"]*)"/g)].map(([, id = '']) => id));
}

function typeOf(file: string): string {
  const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
  return { ...types, '.svg': 'image/svg+xml' }[path.extname(file)] ?? 'application/octet-stream';
}

/** By the command of the README, for a server that has it below a path; jest's own time limit is its deadline. */
async function makeSite(): Promise<void> {
  const child = spawn(process.execPath, [path.join(root, 'site/build.mjs'), '--base', base], {
    env: { npm_config_fetch_retries: '5', ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (status !== 0) throw new Error(`The site was not made: ${said.slice(-4000)}`);
}
