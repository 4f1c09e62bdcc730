/** A report as one page of HTML: nothing else is loaded, and no script is needed. */

import { states, type State } from '../../tracing/spans.js';
import type { Bucket, Figures, FunctionFigures, WorkerFigures } from './analysis.js';
import type { ReportedWorker } from './read_trace.js';
import { timeText } from './time_text.js';

const meanings: Readonly<Record<State, string>> = {
  run: 'runs a task',
  transfer: 'is free, and its next task is on the way',
  waiting: 'is free, and its next task waits in the program',
  idle: 'is free, and there is no task for it',
  collector: 'collects garbage',
};

/** The colours of text, lines and states, in light and in dark. */
const colours = {
  light:
    '--text: #1f2933; --soft: #52606d; --line: #cbd2d9; --thin: #e4e7eb; ' +
    '--run: #2f7d4f; --transfer: #e09f3e; --waiting: #c8553d; --idle: #e4e7eb; --collector: #6a4c93;',
  dark:
    '--text: #e4e7eb; --soft: #9aa5b1; --line: #52606d; --thin: #323f4b; ' +
    '--run: #4caf78; --transfer: #d9a441; --waiting: #dd6b55; --idle: #323f4b; --collector: #a78bda;',
};

const width = 1000;
const labelWidth = 60;
/** The largest number of pieces in which the time of a worker is drawn; fewer where there are many workers. */
const mostPieces = 800;
const piecesOfAll = 60_000;

/**
 * Draws and tabulates the figures of a trace.
 *
 * @param file - its name, for the heading
 */
export function pageOf(
  file: string,
  workers: readonly ReportedWorker[],
  figures: Figures,
  advice: readonly string[],
): string {
  const { length, tasks, shares } = figures;
  const title = `${file} – mpi-futures`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>
  :root { color-scheme: light dark; ${colours.light} }
  @media (prefers-color-scheme: dark) { :root { ${colours.dark} background: #1b2127; } }
  body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); max-width: 1060px; margin: 2em auto; padding: 0 1em; }
  h1 { font-size: 1.4em; overflow-wrap: anywhere; } h2 { font-size: 1.1em; margin: 2em 0 .5em; border-bottom: 1px solid var(--line); }
  table { border-collapse: collapse; } td, th { padding: .15em .8em; text-align: right; border-bottom: 1px solid var(--thin); white-space: nowrap; }
  td:first-child, th:first-child { text-align: left; } th { font-weight: 600; }
  .wide { overflow-x: auto; } .wide > svg { min-width: 900px; }
  .numbers { display: flex; gap: 1em 2.5em; flex-wrap: wrap; } .numbers b { display: block; font-size: 1.5em; }
  .legend span { margin-right: 1.2em; display: inline-block; } .legend i { display: inline-block; width: .9em; height: .9em; margin-right: .4em; vertical-align: -.1em; }
  .two { display: flex; gap: 0 2em; flex-wrap: wrap; } .two > div { flex: 1 1 300px; }
  .advice li { margin: .3em 0; overflow-wrap: anywhere; } svg { display: block; width: 100%; height: auto; } text { font: 11px system-ui, sans-serif; fill: var(--soft); }
  td.name { max-width: 28em; overflow: hidden; text-overflow: ellipsis; }
${states.map((state) => `  .${state} { fill: var(--${state}); background: var(--${state}); }`).join('\n')}
</style>
<h1>${escape(file)}</h1>
<div class="numbers">
  <div><b>${timeText(length)}</b>from the first to the last</div>
  <div><b>${tasks}</b>tasks</div>
  <div><b>${workers.length}</b>worker${workers.length === 1 ? '' : 's'}</div>
  <div><b>${percent(shares.run)}</b>of their time in tasks</div>
</div>
<h2>What to do</h2>
<ul class="advice">
${advice.map((each) => `  <li>${escape(each)}</li>`).join('\n')}
</ul>
<h2>What each worker did</h2>
${wide('What each worker did', picture(workers, length))}
<p class="legend">${states.map((state) => `<span><i class="${state}"></i>${state}: ${meanings[state]}</span>`).join(' ')}</p>
<h2>Workers</h2>
${wide('Workers', workerTable(figures.workers))}
<h2>Functions</h2>
${wide('Functions', functionTable(figures.functions))}
<div class="two">
<div><h2>Run times</h2>${histogram(figures.runTimes, 'run')}</div>
<div><h2>Waiting times, from submit to sent</h2>${histogram(figures.waitTimes, 'waiting')}</div>
</div>
<h2>Slowest tasks</h2>
${wide('Slowest tasks', slowestTable(figures))}
</html>
`;
}

/** A box that scrolls where the window is narrower than what is in it, with keys, too. */
function wide(name: string, content: string): string {
  return `<div class="wide" role="region" aria-label="${name}" tabindex="0">
${content}
</div>`;
}

/** A row for each worker; for each piece of time, how much of it each state took, one above the other. */
function picture(workers: readonly ReportedWorker[], length: number): string {
  const rowHeight = workers.length > 40 ? 12 : 22;
  const gap = workers.length > 40 ? 1 : 4;
  const height = workers.length * (rowHeight + gap) + 20;
  const pieces = Math.max(50, Math.min(mostPieces, Math.floor(piecesOfAll / workers.length)));
  const rows = workers.map((worker, index) => {
    const top = index * (rowHeight + gap);
    const label = `<text x="0" y="${top + rowHeight / 2 + 4}">${escape(shortName(worker.name))}</text>`;
    return `<g><title>${escape(worker.name)}</title>${label}${bands(worker, length, pieces, top, rowHeight)}</g>`;
  });
  return `<svg viewBox="0 0 ${width + labelWidth} ${height}" role="img" aria-label="the time of each worker">
${rows.join('\n')}
${axis(length, height)}
</svg>`;
}

function bands(
  { spans }: ReportedWorker,
  length: number,
  pieces: number,
  top: number,
  rowHeight: number,
): string {
  const step = length / pieces;
  const order: readonly State[] = ['run', 'transfer', 'waiting', 'idle'];
  const shares = Object.fromEntries(
    states.map((state) => [state, new Float64Array(pieces)]),
  ) as Record<State, Float64Array>;
  for (const { state, start, duration } of spans) {
    const end = start + duration;
    const first = Math.max(0, Math.floor(start / step));
    for (let piece = first; piece < pieces && piece * step < end; piece++) {
      const inside = Math.min(end, (piece + 1) * step) - Math.max(start, piece * step);
      if (inside > 0) shares[state][piece]! += inside / step;
    }
  }
  const paths = new Map<State, string>();
  const draw = (state: State, from: number, to: number, low: number, part: number): void => {
    const [x, y] = [labelWidth + (from * width) / pieces, top + rowHeight * (1 - low - part)];
    const [w, h] = [((to - from) * width) / pieces, rowHeight * part];
    paths.set(state, `${paths.get(state) ?? ''}M${fixed(x)} ${fixed(y)}h${fixed(w)}v${fixed(h)}h${fixed(-w)}z`); // prettier-ignore
  };
  // Neighbours that look the same become one rectangle.
  const lows = new Float64Array(pieces);
  for (const state of order) {
    for (let from = 0; from < pieces;) {
      const [low, part] = [lows[from]!, shares[state][from]!];
      let to = from + 1;
      while (to < pieces && near(lows[to]!, low) && near(shares[state][to]!, part)) to++;
      if (part > 0.004) draw(state, from, to, low, Math.min(part, 1 - low));
      for (let piece = from; piece < to; piece++) lows[piece] = Math.min(1, low + part);
      from = to;
    }
  }
  // The collector works inside of the others.
  for (let piece = 0; piece < pieces; piece++) {
    const part = shares.collector[piece]!;
    if (part > 0.01) draw('collector', piece, piece + 1, 0, Math.min(1, part));
  }
  return [...paths].map(([state, d]) => `<path class="${state}" d="${d}"/>`).join('');
}

function axis(length: number, height: number): string {
  return [0, 0.25, 0.5, 0.75, 1]
    .map((part) => {
      const anchor = part === 0 ? 'start' : part === 1 ? 'end' : 'middle';
      return `<text x="${labelWidth + part * width}" y="${height - 4}" text-anchor="${anchor}">${timeText(part * length)}</text>`;
    })
    .join('');
}

function histogram(buckets: readonly Bucket[], state: State): string {
  if (buckets.length === 0) return '<p>There were no tasks.</p>';
  const most = Math.max(...buckets.map(({ count }) => count));
  const rows = buckets.map(({ to, count }, index) => {
    const y = index * 20;
    const length = count === 0 ? 0 : Math.max(1, (300 * count) / most);
    return (
      `<text x="80" y="${y + 13}" text-anchor="end">≤ ${timeText(to)}</text>` +
      `<rect x="90" y="${y + 2}" width="${fixed(length)}" height="15" class="${state}"/>` +
      `<text x="${fixed(95 + length)}" y="${y + 13}">${count}</text>`
    );
  });
  return `<svg viewBox="0 0 480 ${buckets.length * 20 + 4}" role="img" aria-label="histogram">${rows.join('')}</svg>`;
}

function workerTable(workers: readonly WorkerFigures[]): string {
  const shown: readonly State[] = ['run', 'transfer', 'waiting', 'idle', 'collector'];
  const rows = workers.map(
    ({ name, tasks, times, utilisation }) =>
      `<tr><td class="name">${escape(name)}</td><td>${tasks}</td><td>${percent(utilisation)}</td>${shown.map((state) => `<td>${timeText(times[state])}</td>`).join('')}</tr>`,
  );
  return `<table><tr><th>worker</th><th>tasks</th><th>utilisation</th>${shown.map((state) => `<th>${state}</th>`).join('')}</tr>
${rows.join('\n')}</table>`;
}

function functionTable(functions: readonly FunctionFigures[]): string {
  const rows = functions
    .slice(0, 30)
    .map(
      ({ name, tasks, calls, total, median, max }) =>
        `<tr><td class="name">${escape(name)}</td><td>${tasks}</td><td>${calls}</td><td>${timeText(total)}</td><td>${timeText(median)}</td><td>${timeText(max)}</td></tr>`,
    );
  return `<table><tr><th>function</th><th>tasks</th><th>calls</th><th>together</th><th>median</th><th>longest</th></tr>
${rows.join('\n')}</table>`;
}

function slowestTable({ slowest }: Figures): string {
  const rows = slowest.map(
    ({ span: { name, duration, start, waited, transfer, partial }, worker }) =>
      `<tr><td class="name">${escape(name)}${partial ? ' (a part)' : ''}</td><td>${timeText(duration)}</td><td>${timeText(start)}</td><td>${timeText(waited)}</td><td>${timeText(transfer)}</td><td>${escape(shortName(worker))}</td></tr>`,
  );
  return `<table><tr><th>function</th><th>ran for</th><th>began at</th><th>waited</th><th>on its way</th><th>on</th></tr>
${rows.join('\n')}</table>`;
}

/** `worker 3` of `worker 3 (process 17 on node2)`. */
function shortName(name: string): string {
  return name.replace(/ \(.*/, '');
}

function near(one: number, other: number): boolean {
  return Math.abs(one - other) < 0.004;
}

function fixed(number: number): string {
  return String(Math.round(100 * number) / 100);
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }; // prettier-ignore

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}
