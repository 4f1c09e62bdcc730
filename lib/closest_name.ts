/**
 * The known name that a misspelled one most probably means, or `undefined` if none is near. Case and separators are
 * ignored, so that `max_workers`, `MaxWorkers` and `maxWorker` all mean `maxWorkers`.
 */
export function closestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = bareLetters(name);
  let closest: string | undefined;
  let fewest = Math.floor(wanted.length / 3) + 1;
  for (const candidate of known) {
    const edits = editDistance(wanted, bareLetters(candidate));
    if (edits < fewest) {
      fewest = edits;
      closest = candidate;
    }
  }
  return closest;
}

function bareLetters(name: string): string {
  return name.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}

// Levenshtein's distance, one row of the table at a time, where two neighbours that are swapped are one edit.
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  let above = row;
  for (let line = 1; line <= from.length; line++) {
    const twoAbove = above;
    above = row;
    row = [line];
    for (let column = 1; column <= to.length; column++) {
      const substitution = above[column - 1]! + (from[line - 1] === to[column - 1] ? 0 : 1);
      const isSwapped = from[line - 1] === to[column - 2] && from[line - 2] === to[column - 1];
      const swap = line > 1 && column > 1 && isSwapped ? twoAbove[column - 2]! + 1 : Infinity;
      row.push(Math.min(substitution, swap, above[column]! + 1, row[column - 1]! + 1));
    }
  }
  return row[to.length]!;
}
