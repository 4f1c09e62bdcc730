/** Results as pictures (SVG), drawn by Vega-Lite. */

import { fromPeers } from '../support/peers.mjs';
import { LENGTHS } from '../plan.mjs';
import { efficiency, makespan, medianOf, taken } from './figures.mjs';
import { isOfPython } from './requirements.mjs';

const SIZES = [2 ** 10, 2 ** 14, 2 ** 18, 2 ** 22, 2 ** 26];

/** One colour for each kind of contender, and lighter ones among them. */
const COLOURS = {
  ours: ['#08519c', '#3182bd', '#6baed6', '#9ecae1'],
  node: ['#a63603', '#e6550d', '#fd8d3c', '#fdae6b'],
  python: ['#238b45', '#74c476'],
  c: ['#525252', '#969696'],
};

/** @returns {Promise<Record<string, string>>} texts of SVG files by name */
export async function plots({ samples }) {
  const draw = await drawing();
  const bars = (title, figure, logarithmic) => barChart(samples, title, figure, logarithmic);
  const charts = {
    throughput: bars('No-ops per second, 20 000 in flight, one worker', taken('1/inFlight'), true),
    latency: bars('One no-op at a time, µs', taken('1/oneAtATime'), true),
    mixed: bars(
      'Tasks of 1 ms, each 50th of 100 ms: times the ideal schedule',
      makespan('each 50th 100 ms'),
      false,
    ),
    efficiency: lineChart(samples, {
      title: 'Part of the peak of two cores, two workers',
      x: 'length of a task, ms',
      points: LENGTHS.map((length) => [length, efficiency(length)]),
    }),
    bandwidth: lineChart(samples, {
      title: 'An array there and back, ms',
      x: 'bytes',
      points: SIZES.map((size) => [size, taken(`1/thereAndBack/${size}`)]),
      logarithmic: true,
    }),
  };
  return Object.fromEntries(
    await Promise.all(
      Object.entries(charts).map(async ([name, chart]) => [name, await draw(chart)]),
    ),
  );
}

async function drawing() {
  const vega = await fromPeers('vega');
  const { compile } = await fromPeers('vega-lite');
  return async (chart) => {
    const { spec } = compile(chart);
    const view = new vega.View(vega.parse(spec), { renderer: 'none', logLevel: vega.Warn });
    const svg = await view.toSVG();
    view.finalize();
    return `${svg}\n`;
  };
}

function barChart(samples, title, figure, logarithmic) {
  const values = points(samples, [[0, figure]]);
  return {
    ...frame(title, values),
    height: { step: 22 },
    encoding: {
      y: { field: 'name', type: 'nominal', sort: null, title: null, axis: { labelLimit: 0 } },
      x: {
        field: 'y',
        type: 'quantitative',
        title: null,
        // On a logarithmic scale a bar cannot begin at 0.
        scale: logarithmic ? { type: 'log', domainMin: lowerBound(values) } : {},
      },
    },
    layer: [
      {
        mark: 'bar',
        encoding: {
          color: colour(samples, values, null),
          ...(logarithmic ? { x2: { datum: lowerBound(values) } } : {}),
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 4 },
        encoding: { text: { field: 'y', format: logarithmic ? '.3~s' : '.2f' } },
      },
    ],
  };
}

const lowerBound = (values) => 10 ** Math.floor(Math.log10(Math.min(...values.map(({ y }) => y))));

function lineChart(samples, { title, x, points: wanted, logarithmic }) {
  const values = points(samples, wanted);
  return {
    ...frame(title, values),
    height: 320,
    mark: { type: 'line', point: true, clip: true },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: x, scale: { type: 'log' } },
      y: {
        field: 'y',
        type: 'quantitative',
        title: null,
        scale: logarithmic ? { type: 'log' } : { domain: [0, 1.05] },
      },
      color: colour(samples, values, { title: null, labelLimit: 0 }),
    },
  };
}

function frame(title, values) {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    title: { text: title, anchor: 'start' },
    width: 460,
    data: { values },
  };
}

function points(samples, wanted) {
  return Object.entries(samples).flatMap(([name, own]) =>
    wanted
      .map(([x, figure]) => ({ name, x, y: medianOf(figure, own) }))
      .filter(({ y }) => y !== undefined),
  );
}

function colour(samples, values, legend) {
  const domain = Object.keys(samples).filter((name) => values.some((value) => value.name === name));
  const next = { ours: 0, node: 0, python: 0, c: 0 };
  const range = domain.map((name) => {
    const kind = kindOf(name);
    return COLOURS[kind][next[kind]++ % COLOURS[kind].length];
  });
  return { field: 'name', type: 'nominal', sort: null, scale: { domain, range }, legend };
}

function kindOf(name) {
  if (name.startsWith('mpi-futures')) return 'ours';
  if (name.startsWith('C over')) return 'c';
  return isOfPython(name) ? 'python' : 'node';
}
