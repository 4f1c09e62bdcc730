// The Mandelbrot set, live in a browser: each row appears when a worker has computed it. A click zooms in.
//
//   MPI_FUTURES_MAX_WORKERS=4 node examples/mandelbrot.mjs [--once]
//   npx mpi-futures -n 5 examples/mandelbrot.mjs [--once]
//
// Open the address that it prints. Ctrl-C ends it; with --once, the first complete picture does.

import { createServer } from 'node:http';
import { PoolExecutor, isMain } from 'mpi-futures';

const width = 600;
const height = 400;
const depth = 400;

/** The colours of one row, behind its number. */
function computeRow(row, { x, y, scale }) {
  const packet = new Uint8ClampedArray(2 + 4 * width);
  new DataView(packet.buffer).setUint16(0, row);
  const im = y + (row - height / 2) * scale;
  for (let column = 0; column < width; column++) {
    const n = iterations(x + (column - width / 2) * scale, im);
    const t = n / depth;
    const at = 2 + 4 * column;
    packet[at] = n === depth ? 0 : 255 * 9 * (1 - t) * t ** 3 + 60 * t;
    packet[at + 1] = n === depth ? 0 : 255 * 15 * (1 - t) ** 2 * t ** 2 + 60 * t;
    packet[at + 2] = n === depth ? 0 : 60 + 255 * 8.5 * (1 - t) ** 3 * t;
    packet[at + 3] = 255;
  }
  return new Uint8Array(packet.buffer);
}

function iterations(re, im) {
  let [a, b] = [0, 0];
  for (let n = 0; n < depth; n++) {
    const [aa, bb] = [a * a, b * b];
    if (aa + bb > 4) return n;
    [a, b] = [aa - bb + re, 2 * a * b + im];
  }
  return depth;
}

const page = `<!doctype html>
<meta charset="utf-8" />
<title>Mandelbrot</title>
<style>body { background: #111; color: #ddd; font: 16px sans-serif } canvas { cursor: zoom-in }</style>
<canvas width="${width}" height="${height}"></canvas>
<p id="said">0 of ${height} rows</p>
<script>
  const canvas = document.querySelector('canvas').getContext('2d');
  let view = { x: -0.7, y: 0, scale: 0.005 };
  let request = new AbortController();
  async function draw() {
    request.abort(); // the rows of the last picture that nobody needs any more are cancelled
    request = new AbortController();
    const response = await fetch('/rows?' + new URLSearchParams(view), { signal: request.signal });
    const size = ${2 + 4 * width};
    let rest = new Uint8Array();
    let rows = 0;
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      const bytes = new Uint8Array(rest.length + value.length);
      bytes.set(rest);
      bytes.set(value, rest.length);
      let at = 0;
      for (; at + size <= bytes.length; at += size, rows++) {
        const colours = new Uint8ClampedArray(bytes.slice(at + 2, at + size));
        canvas.putImageData(new ImageData(colours, ${width}), 0, bytes[at] * 256 + bytes[at + 1]);
      }
      rest = bytes.slice(at);
      said.textContent = rows + ' of ${height} rows';
    }
  }
  document.querySelector('canvas').onclick = ({ offsetX, offsetY }) => {
    const { x, y, scale } = view;
    view = { x: x + (offsetX - ${width / 2}) * scale, y: y + (offsetY - ${height / 2}) * scale, scale: scale / 2 };
    void draw().catch(() => {});
  };
  void draw();
</script>
`;

/** Sends the rows as they are done, whichever is first. */
async function sendRows(pool, view, response) {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const rows = Array.from({ length: height }, (_, row) => row);
  const options = { unordered: true, signal: gone.signal };
  try {
    for await (const packet of pool.map((row) => computeRow(row, view), rows, options))
      response.write(packet);
    response.end();
  } catch (error) {
    if (gone.signal.aborted) return; // the reader has zoomed in, or left
    console.error(error);
    response.destroy();
  }
}

if (isMain) {
  const pool = new PoolExecutor();
  await pool.bootup();

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    if (pathname === '/rows') {
      const [x, y, scale] = ['x', 'y', 'scale'].map((name) => Number(searchParams.get(name)));
      if (process.argv.includes('--once')) response.on('finish', end);
      void sendRows(pool, { x, y, scale }, response);
    } else if (pathname === '/') {
      response.setHeader('content-type', 'text/html');
      response.end(page);
    } else {
      response.writeHead(404).end();
    }
  });

  function end() {
    server.close();
    server.closeIdleConnections();
    void pool.shutdown({ cancelFutures: true });
  }
  process.once('SIGINT', end);
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
}
