// What the examples take from their command lines.

/** The whole number above 0 at a position of the command line. The program ends with one sentence if it is another word. */
export function countAt(position, name, otherwise) {
  const word = process.argv[position];
  if (word === undefined) return otherwise;
  const count = Number(word);
  if (Number.isSafeInteger(count) && count > 0) return count;
  console.error(`Expected a whole number above 0 for ${name} but received '${word}'`);
  process.exit(1);
}
