/** Reads the words after a subcommand of mpi-futures. */

import { parseArgs, type ParseArgsConfig } from 'node:util';

import { CommandLineError, type HelpTopic } from './usage.js';

/** @throws {CommandLineError} with Node.js's first sentence: the next ones are about command lines in general */
export function parseSubcommand<T extends ParseArgsConfig>(
  topic: HelpTopic,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const [sentence = ''] = (error as Error).message.split(/\.\s/);
    throw new CommandLineError(sentence, topic);
  }
}
