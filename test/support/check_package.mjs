// node check_package.mjs TARBALL: what publint and Are The Types Wrong find in it, as JSON. They are ES modules, which jest has not.

import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const tarball = readFileSync(process.argv[2] ?? '');

const { messages, pkg } = await publint({
  pack: { tarball: arrayBufferOf(tarball) },
  strict: true,
});
const types = await checkPackage(createPackageFromTarballData(tarball));

console.log(
  JSON.stringify({
    publint: messages.map((message) => formatMessage(message, pkg)),
    types: types.types === false ? ['none'] : types.problems.map(({ kind }) => kind),
  }),
);

/** @param {Buffer} buffer */
function arrayBufferOf({ buffer, byteOffset, byteLength }) {
  return /** @type {ArrayBuffer} */ (buffer).slice(byteOffset, byteOffset + byteLength);
}
