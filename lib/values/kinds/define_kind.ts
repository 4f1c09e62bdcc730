/** Makes the rows of the table of kinds. */

import type { Kind } from './kind.js';

const columns: Readonly<Record<keyof Kind, true>> = {
  code: true,
  classes: true,
  hasSlots: true,
  is: true,
  argument: true,
  classOf: true,
  classInstead: true,
  writeHead: true,
  readHead: true,
  content: true,
  ownKeys: true,
  hasElements: true,
  ofClassOnly: true,
  inline: true,
  writeContent: true,
  readContent: true,
  visitChildren: true,
  json: true,
};

/**
 * Makes a row of the table. All rows have all properties in the same order, so that V8 reads them by one hidden class;
 * otherwise encoding values of mixed kinds is 20 % slower.
 */
export function defineKind<T extends object>(kind: Kind<T>): Kind {
  const given = kind as unknown as Record<string, unknown>;
  const row: Record<string, unknown> = {};
  for (const column of Object.keys(columns)) row[column] = given[column];
  return row as unknown as Kind;
}
