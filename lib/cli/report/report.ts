/** `mpi-futures report FILE`: makes a page of a trace. */

import { writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';

import { UsageError } from '../../errors.js';
import { parseSubcommand } from '../subcommand_options.js';
import { CommandLineError } from '../usage.js';
import { adviceOn } from './advice.js';
import { analyse } from './analysis.js';
import { pageOf } from './page.js';
import { readTrace } from './read_trace.js';

/**
 * Writes the page, and says where it is. Returns the exit status.
 *
 * @throws {UsageError} for wrong arguments, a file that is no trace, and a page that cannot be written
 */
export function report(args: readonly string[]): number {
  const { file, out } = parse(args);
  const workers = readTrace(file);
  const figures = analyse(workers);
  const advice = adviceOn(figures);
  try {
    writeFileSync(out, pageOf(basename(file), workers, figures, advice));
  } catch (cause) {
    throw new UsageError(`The report cannot be written to ${out}: ${(cause as Error).message}`, {
      cause,
    });
  }
  process.stdout.write(
    `${out}: ${figures.tasks} tasks on ${workers.length} worker${workers.length === 1 ? '' : 's'}\n`,
  );
  for (const each of advice) process.stdout.write(`- ${each}\n`);
  return 0;
}

function parse(args: readonly string[]): { file: string; out: string } {
  const { values, positionals } = parseSubcommand('report', {
    args: [...args],
    options: { out: { type: 'string' } },
    allowPositionals: true,
  });
  const [file, ...others] = positionals;
  if (!file) throw wrong('Expected the file of a trace');
  if (others.length > 0)
    throw wrong(`Expected one trace but received ${positionals.join(' and ')}`);
  if (values.out === '') throw wrong('Expected a file after --out');
  const out = values.out ?? `${file.replace(/\.json$/, '')}.html`;
  if (resolve(out) === resolve(file))
    throw new UsageError(`The report would replace the trace ${file}: expected another file after --out`); // prettier-ignore
  return { file, out };
}

function wrong(message: string): CommandLineError {
  return new CommandLineError(message, 'report');
}
