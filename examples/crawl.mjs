// Crawls a site with asynchronous tasks: each task fetches several pages at once, and returns their links. The site is a server
// of this program, on this machine; with workers on other hosts, crawl a server that they can reach.
//
//   MPI_FUTURES_MAX_WORKERS=4 node examples/crawl.mjs [pages]
//   npx mpi-futures -n 5 examples/crawl.mjs [pages]

import { createServer } from 'node:http';
import { FIRST_COMPLETED, PoolExecutor, isMain, taskSignal, wait } from 'mpi-futures';
import { countAt } from './arguments.mjs';

const atOnce = 8; // pages of one task

/** Fetches pages, and gives for each its links and the number of its words. */
async function read(addresses) {
  const signal = taskSignal(); // a task over its timeout gives up its requests
  return Promise.all(
    addresses.map(async (address) => {
      const response = await fetch(address, { signal });
      if (!response.ok) return { address, links: [], words: 0, failed: response.status };
      const html = await response.text();
      const links = [...html.matchAll(/href="([^"]+)"/g)].map(
        ([, link]) => new URL(link, address).href,
      );
      return {
        address,
        links,
        words: html
          .replaceAll(/<[^>]+>/g, ' ')
          .trim()
          .split(/\s+/).length,
      };
    }),
  );
}

/** Page n links to 2n and 2n + 1, to the first one, and the first one to one that does not exist. */
function startServer(pages) {
  const server = createServer((request, response) => {
    const n = Number(request.url.slice(1));
    if (!(n >= 1 && n <= pages)) return response.writeHead(404).end('no such page');
    const next = [2 * n, 2 * n + 1].filter((link) => link <= pages);
    const links = [1, ...next, ...(n === 1 ? [0] : [])];
    const html = links.map((link) => `<a href="/${link}">page ${link}</a>`).join(' ');
    response.setHeader('content-type', 'text/html');
    const slow = 5; // ms, as of a server that is far away
    setTimeout(() => response.end(`<p>This is page ${n}.</p>${html}`), slow);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

if (isMain) {
  const pages = countAt(2, 'pages', 1000);
  const server = await startServer(pages);
  const first = `http://127.0.0.1:${server.address().port}/1`;

  const pool = new PoolExecutor();
  const careful = pool.with({ timeout: 60_000, retries: 1 });
  const known = new Set([first]);
  let waiting = [first];
  let running = new Set();
  let [seen, words, failed] = [0, 0, 0];
  while (waiting.length > 0 || running.size > 0) {
    while (waiting.length > 0) {
      running.add(careful.submit(read, waiting.slice(0, atOnce)));
      waiting = waiting.slice(atOnce);
    }
    const { done, notDone } = await wait(running, { returnWhen: FIRST_COMPLETED });
    running = notDone;
    for (const future of done) {
      for (const page of await future) {
        if (page.failed) failed++;
        else seen++;
        words += page.words;
        const links = page.links.filter((link) => !known.has(link));
        for (const link of links) known.add(link);
        waiting.push(...links);
      }
    }
  }
  await pool.shutdown();
  server.close();

  console.log(`${seen} pages, ${words} words, ${failed} broken link`);
  if (seen !== pages || failed !== 1) process.exitCode = 1;
}
