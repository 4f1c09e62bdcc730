/** The flags of this process that workers need too: not those that say what this program is, or open its debugger. */

const flagsOfThisProgram =
  /^(--eval|--print|--input-type|--inspect\S*|--check|--interactive|--test\S*|--watch\S*)(=|$)/;
const shortFlagsOfThisProgram = new Set(['-e', '-p', '-pe', '-c', '-i']);

export function inheritedFlags(given: readonly string[] = process.execArgv): string[] {
  const flags: string[] = [];
  for (let at = 0; at < given.length; at++) {
    const flag = given[at] ?? '';
    const takesNext = ['-e', '-p', '-pe', '--eval', '--print', '--input-type'].includes(flag);
    if (flag === '--import' && /[/\\]run(\.js)?$/.test(given[at + 1] ?? '')) at++;
    else if (flagsOfThisProgram.test(flag) || shortFlagsOfThisProgram.has(flag))
      at += takesNext ? 1 : 0;
    else if (!/^--import=.*[/\\]run(\.js)?$/.test(flag)) flags.push(flag);
  }
  return flags;
}
