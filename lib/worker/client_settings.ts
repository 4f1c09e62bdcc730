/**
 * The settings that executors which share a worker make for their own tasks: the working directory, variables of the
 * environment, globals, and directories of modules. The settings of the executor whose task runs are in force. When a
 * task of another executor is next, they are saved as the previous task has left them, and the original values are
 * restored. Tasks run one after another, including asynchronous ones, so no task sees its settings change while it
 * waits.
 */

import { resolve } from 'node:path';

import { attempt } from '../attempt.js';
import { startDirectory } from '../start_directory.js';
import { callTheirs, descriptorOf } from './unchanged_language.js';
import { searchIn } from './modules/search_path.js';

/**
 * A variable or a global, with the value that is not in force at present: that of the client, or that of all others.
 */
interface Property {
  readonly holder: () => object;
  readonly key: string;
  away: PropertyDescriptor | undefined;
}

interface Settings {
  readonly path: readonly string[];
  /** Undefined: the directory of all others. */
  directory: string | undefined;
  readonly properties: Property[];
}

const { defineProperty, deleteProperty, ownKeys, set, setPrototypeOf } = Reflect;
// A task may replace them.
const chdir = process.chdir.bind(process);
const cwd = process.cwd.bind(process);

const none = -1;
const ours = { process, globalThis };
const variables = (): object => ours.process.env;
const globals = (): object => ours.globalThis;

/** Exchanges the settings of the executors that share this worker, so that those of one are in force. */
export class ClientSettings {
  /** The client whose settings are in force. −1 means that the next client must be entered in any case. */
  client = none;
  readonly #byClient = new Map<number, Settings>();
  #inForce: Settings | undefined;
  /**
   * The settings whose directory is this process's; undefined: the directory of all clients without one of their own.
   */
  #directoryOf: Settings | undefined;
  #commonDirectory = startDirectory;

  /** Begins a client, and puts these settings into force. */
  begin(client: number, path: readonly string[], directory: string | undefined): void {
    const settings: Settings = {
      path: path.map((each) => resolve(startDirectory, each)),
      directory: directory === undefined ? undefined : resolve(startDirectory, directory),
      properties: [],
    };
    this.#byClient.set(client, settings);
    this.enter(client);
  }

  /** Sets variables for the client in force. */
  setVariables(values: Readonly<Record<string, string>>): void {
    this.#add(variables, values);
  }

  /** Sets globals for the client in force. */
  setGlobals(values: Readonly<Record<string, unknown>>): void {
    this.#add(globals, values);
  }

  /**
   * Prepares for a task of the client.
   *
   * @throws {Error} if its working directory no longer exists
   */
  enter(client: number): void {
    const settings = this.#byClient.get(client);
    this.client = none;
    // Tasks may have replaced globals that this code uses: they are exchanged with the program's versions in force.
    callTheirs(() => {
      this.#enter(settings);
    }, []);
    this.client = client;
  }

  /** Forgets a client, from which nothing more comes. */
  forget(client: number): void {
    if (this.#byClient.get(client) === this.#inForce) this.leave();
    this.#byClient.delete(client);
  }

  /** Restores the original values of all settings. */
  leave(): void {
    try {
      this.enter(none);
    } catch {
      // The directory no longer exists. The next client gets the error.
    }
  }

  #enter(settings: Settings | undefined): void {
    if (settings !== this.#inForce) {
      exchange(this.#inForce);
      this.#inForce = settings;
      exchange(settings);
      searchIn(settings?.path ?? []);
    }
    this.#changeDirectory(settings?.directory === undefined ? undefined : settings);
  }

  #changeDirectory(to: Settings | undefined): void {
    const from = this.#directoryOf;
    if (to === from) return;
    const left = presentDirectory();
    chdir(to?.directory ?? this.#commonDirectory);
    this.#directoryOf = to;
    if (left === undefined) return;
    if (from === undefined) this.#commonDirectory = left;
    else from.directory = left;
  }

  #add(holder: () => object, values: Readonly<Record<string, unknown>>): void {
    const { properties } = this.#inForce!;
    const keys = ownKeys(values) as string[];
    callTheirs(() => {
      // eslint-disable-next-line @typescript-eslint/prefer-for-of -- the iterator of arrays may have been changed
      for (let index = 0; index < keys.length; index++) {
        const key = keys[index]!;
        const owner = holder();
        properties[properties.length] = { holder, key, away: descriptorOf(owner, key) };
        define(owner, key, values[key]);
      }
    }, []);
  }
}

/** Exchanges the values in force with the saved ones. */
function exchange(settings: Settings | undefined): void {
  if (settings === undefined) return;
  const { properties } = settings;
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- the iterator of arrays may have been changed
  for (let index = 0; index < properties.length; index++) {
    const property = properties[index]!;
    const { holder, key, away } = property;
    const owner = holder();
    property.away = descriptorOf(owner, key);
    if (away === undefined) deleteProperty(owner, key);
    // If a task has made the property unchangeable, its value may still be set.
    else if (!defineProperty(owner, key, away)) set(owner, key, away.value);
  }
}

/**
 * Defines a property. An assignment would not do: some globals of Node.js have a setter, which keeps the value for
 * ever, or only a getter.
 */
function define(owner: object, key: string, value: unknown): void {
  const descriptor = { value, writable: true, enumerable: true, configurable: true };
  setPrototypeOf(descriptor, null);
  if (!defineProperty(owner, key, descriptor) && !set(owner, key, value))
    throw new TypeError(`Expected names of globals that can be set but received '${key}'`);
}

/** The working directory; undefined if it was removed. */
function presentDirectory(): string | undefined {
  return attempt(cwd);
}
