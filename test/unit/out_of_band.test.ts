/** Buffers travel apart from the values they belong to, in both directions, unless `outOfBand` is off. */
import { TaskEncoder } from '../../lib/executors/task_encoder.js';
import { programFunctions } from '../../lib/pool/functions.js';
import { BatchWriter } from '../../lib/tasks/batches.js';
import { MessageKind, type ClientSetup } from '../../lib/tasks/messages.js';
import { noFunctions } from '../../lib/values/functions_in_out.js';
import { roots } from '../../lib/values/refusing/paths.js';
import { plainSnapshot } from '../../lib/values/buffers/snapshot.js';
import { encodeStructure, type EncodedStructure } from '../../lib/values/structure.js';
import { TaskLoop } from '../../lib/worker/task_loop.js';

const modules = {
  existing: () => undefined,
  load: () => Promise.reject(new Error('There are no modules here')),
  scope: () => undefined,
  scopes: () => [],
  compare: () => true,
  variablesDiffer: () => undefined,
};

function call(outOfBand: boolean): { id: number; value: EncodedStructure } {
  const encoder = new TaskEncoder(programFunctions, undefined, outOfBand);
  const args = [new Uint8Array(5000)];
  const { fn, value } = encoder.encode(structuredClone, args, false, plainSnapshot);
  return { id: fn, value: value as EncodedStructure };
}

function setup(outOfBand: boolean): ClientSetup {
  const encoded = (value: unknown) =>
    encodeStructure(value, { snapshot: plainSnapshot, functions: noFunctions, root: roots.value });
  const functions = encoded({ codec: undefined, initializer: undefined, initArgs: [] });
  const client = {
    client: 1,
    executor: 'PoolExecutor',
    path: [],
    cwd: undefined,
    env: {},
    main: undefined,
  };
  return { ...client, globals: encoded({}), functions, outOfBand, maxMemory: Infinity };
}

/** The buffers that a worker sends with the result. */
async function buffersOfResult(outOfBand: boolean): Promise<number[] | undefined> {
  const { id, value } = call(outOfBand);
  return new Promise((resolve) => {
    const loop = new TaskLoop(modules, {
      snapshot: plainSnapshot,
      send: (payload, _length, buffers) => {
        if (payload[0] === MessageKind.results)
          resolve(buffers?.map(({ byteLength }) => byteLength));
      },
      claims: undefined,
      holdTime: 1,
      handOver: () => undefined,
    });
    loop.define(programFunctions.definition(id));
    loop.setUp(setup(outOfBand));
    const writer = new BatchWriter(MessageKind.tasks, false);
    writer.add(1, 7, id, 0, value, 0);
    writer.finish((payload, length, buffers) => {
      loop.add(Buffer.from(payload.slice(0, length)), buffers?.slice());
    });
    loop.run();
  });
}

test('by default they do', async () => {
  expect(call(true).value.buffers.map(({ byteLength }) => byteLength)).toEqual([5000]);
  expect(await buffersOfResult(true)).toEqual([5000]);
});

test('with outOfBand: false they do not', async () => {
  expect(call(false).value.buffers).toEqual([]);
  expect(call(false).value.bytes.byteLength).toBeGreaterThan(5000);
  expect(await buffersOfResult(false)).toBeUndefined();
});
