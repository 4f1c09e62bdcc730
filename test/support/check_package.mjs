// node check_package.mjs TARBALL: prints the findings of publint and Are The Types Wrong as JSON. They are ES modules, which jest
// cannot import.

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
