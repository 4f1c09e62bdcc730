/** `URL` and `URLSearchParams`. They belong to Node.js, and only their own getters recognize them. */

import { answersTo, getterOf } from '../getters.js';
import { defineKind } from './define_kind.js';

const href = getterOf(URL.prototype, 'href');
const size = getterOf(URLSearchParams.prototype, 'size');

/** URLs, sent as text. */
export const url = defineKind<URL>({
  code: 30,
  classes: ['URL'],
  is: (object) => answersTo(href, object),
  writeHead: (out, url) => out.text(href.call(url) as string),
  readHead: (input) => new URL(input.text()),
});

/** Search parameters, sent as text. They are no longer connected to a URL. */
export const urlSearchParams = defineKind<URLSearchParams>({
  code: 31,
  classes: ['URLSearchParams'],
  is: (object) => answersTo(size, object),
  writeHead: (out, params) => out.text(URLSearchParams.prototype.toString.call(params)),
  readHead: (input) => new URLSearchParams(input.text()),
});
