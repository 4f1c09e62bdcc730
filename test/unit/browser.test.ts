/** The browser of the tests itself. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeInBrowser, lookAt } from '../support/browser.js';

describeInBrowser('the browser of the tests', () => {
  let directory: string;
  beforeAll(() => (directory = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'))));
  afterAll(() => rmSync(directory, { recursive: true }));

  function pageOf(script: string): string {
    const page = path.join(directory, 'page.html');
    writeFileSync(page, `<!doctype html><title>A page</title><script>${script}</script>`);
    return page;
  }

  test('runs the scripts of a page, also later ones, and saves a picture of the asked size', async () => {
    const page = pageOf(
      `console.log('one\\ntwo'); setTimeout(() => document.body.append('late'), 1000); throw new Error('broken')`,
    );
    const seen = await lookAt(page, 'browser', { width: 400, height: 300 });
    expect(seen.html).toContain('late');
    expect(seen.console).toEqual(['one\ntwo', 'Uncaught Error: broken']);
    const picture = readFileSync(seen.screenshot);
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([400, 300]);
  });

  test('opens a page of a server here, and none of other machines', async () => {
    const server: Server = createServer((_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(
        `<p>served</p><script>fetch('http://example.org/').catch(() => document.body.append('refused'))</script>`,
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    try {
      const { html } = await lookAt(address, 'browser');
      expect(html).toContain('served');
      expect(html).toContain('refused');
    } finally {
      server.close();
    }
    await expect(lookAt(address, 'browser')).rejects.toThrow(
      'Page load failed: net::ERR_CONNECTION_REFUSED',
    );
  });

  test('says that there is no such page', async () => {
    await expect(lookAt(path.join(directory, 'none.html'), 'browser')).rejects.toThrow(
      'There is no page',
    );
  });

  test('is ended where a page never ends', async () => {
    await expect(lookAt(pageOf('for (;;);'), 'browser', { deadline: 4000 })).rejects.toThrow(
      'The browser did not end within 4 s',
    );
  });
});
