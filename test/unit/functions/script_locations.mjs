/**
 * Runs sources, of which each hands functions to `probe(label, fn)`, and prints what V8 says of the scripts and where
 * its inspector finds the functions. A process of its own, since jest has modules of another kind.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { runInThisContext } from 'node:vm';

const session = new Session();
session.connect();
const scripts = new Map();
session.on('Debugger.scriptParsed', ({ params }) => scripts.set(params.scriptId, params));

const folder = mkdtempSync(join(tmpdir(), 'mpi-futures-'));
try {
  const described = [];
  for (const [index, { format, source, options }] of JSON.parse(
    await text(process.stdin),
  ).entries())
    described.push(await describe(join(folder, `script${index}`), format, source, options));
  process.stdout.write(JSON.stringify(described));
} finally {
  rmSync(folder, { recursive: true });
}

async function describe(path, format, source, options) {
  const functions = {};
  let scriptId;
  globalThis.probe = (label, fn) => {
    const location = locationOf(fn);
    scriptId ??= location.scriptId;
    const { lineNumber: line, columnNumber: column } = location;
    functions[label] = { line, column, text: Function.prototype.toString.call(fn) };
    return fn;
  };
  await run(path, format, source, options);
  // A module that imports itself gets its own exports only afterwards.
  await new Promise(setImmediate);
  return { ...scriptOf(scriptId), functions };
}

async function run(path, format, source, options) {
  if (format === 'module') {
    writeFileSync(`${path}.mjs`, source);
    await import(pathToFileURL(`${path}.mjs`).href);
  } else if (format === 'commonjs') {
    writeFileSync(`${path}.cjs`, source);
    createRequire(path)(`${path}.cjs`);
  } else {
    await runWrapped(runInThisContext(source, options));
  }
}

/** A test runner's script gives the function in which it wraps a module, or an object with it. */
async function runWrapped(value) {
  const [wrapper] = Object.values(value ?? {}).concat(value);
  const module = { exports: {} };
  if (typeof wrapper === 'function') await wrapper.call({}, module, module.exports, () => module);
}

function locationOf(fn) {
  globalThis.located = fn;
  const { objectId } = post('Runtime.evaluate', { expression: 'located' }).result;
  const { internalProperties } = post('Runtime.getProperties', { objectId, ownProperties: true });
  return internalProperties.find(({ name }) => name === '[[FunctionLocation]]').value.value;
}

function scriptOf(scriptId) {
  post('Debugger.enable');
  const { startLine, startColumn } = scripts.get(scriptId);
  const { scriptSource } = post('Debugger.getScriptSource', { scriptId });
  post('Debugger.disable');
  return { source: scriptSource, start: { line: startLine, column: startColumn } };
}

function post(method, parameters) {
  let outcome;
  session.post(method, parameters, (error, result) => {
    if (error) throw error;
    outcome = result;
  });
  return outcome;
}
