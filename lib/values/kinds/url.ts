/** `URL` and `URLSearchParams`. They are of Node.js: only their own getters know them. */

import { answersTo, getterOf } from '../getters.js';
import { defineKind } from './kind.js';

const href = getterOf(URL.prototype, 'href');
const size = getterOf(URLSearchParams.prototype, 'size');

/** URLs, by their text. */
export const url = defineKind<URL>({
  code: 30,
  classes: ['URL'],
  is: (object) => answersTo(href, object),
  writeHead: (out, url) => out.text(href.call(url) as string),
  readHead: (input) => new URL(input.text()),
});

/** Search parameters, by their text. They belong to no URL any more. */
export const urlSearchParams = defineKind<URLSearchParams>({
  code: 31,
  classes: ['URLSearchParams'],
  is: (object) => answersTo(size, object),
  writeHead: (out, params) => out.text(URLSearchParams.prototype.toString.call(params)),
  readHead: (input) => new URLSearchParams(input.text()),
});
