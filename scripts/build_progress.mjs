// Shows the progress of a build, because compiling may take some minutes.

const SHARES = [25, 50, 75];

/**
 * Reads what make or Ninja prints, and says on stderr how far it is: on a terminal in one line, elsewhere at each quarter.
 * @returns {{ read: (text: string) => void, end: () => void }}
 */
export function showProgress() {
  const isTerminal = process.stderr.isTTY;
  let shown = 0;
  return {
    read(text) {
      const percent = lastPercent(text);
      if (percent <= shown) return;
      if (isTerminal) process.stderr.write(`\r  ${percent} %`);
      else
        for (const share of SHARES)
          if (shown < share && share <= percent) process.stderr.write(`  ${share} %\n`);
      shown = percent;
    },
    end() {
      if (isTerminal && shown > 0) process.stderr.write('\r\x1b[K');
    },
  };
}

/**
 * `[ 12%] Building …` of make, `[3/40] Building …` of Ninja.
 * @param {string} text
 */
function lastPercent(text) {
  const marks = [...text.matchAll(/^\[(?:\s*(\d+)%|(\d+)\/(\d+))\]/gm)];
  const [, percent, done, all] = marks.at(-1) ?? [];
  if (percent !== undefined) return Number(percent);
  return done === undefined ? 0 : Math.floor((Number(done) / Number(all)) * 100);
}
