/**
 * The settings that executors which share a worker make there for their own tasks: the working directory, variables of the
 * environment, globals, and directories of modules. Those of the executor whose task runs are in force. They are put away,
 * as that task has left them, when a task of another executor is next, which finds what was there before.
 *
 * Tasks run one after another, also asynchronous ones: none sees its settings change while it waits.
 */

import { resolve } from 'node:path';

import { startDirectory } from '../start_directory.js';
import { callTheirs, descriptorOf } from './unchanged_language.js';
import { searchIn } from './modules/search_path.js';

/** A variable or a global, and what it is while it is not in force: in here, or for all others. */
interface Property {
  readonly holder: () => object;
  readonly key: string;
  away: PropertyDescriptor | undefined;
}

interface Settings {
  readonly path: readonly string[];
  /** Undefined: that of all others. */
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

/** Exchanges the settings of the executors that share this worker: those of one are in force. */
export class TenantSettings {
  /** The tenant whose settings are in force; −1: it has to be entered in any case. */
  tenant = none;
  readonly #byTenant = new Map<number, Settings>();
  #inForce: Settings | undefined;
  /** In whose directory this process is; undefined: in that of all who have none of their own. */
  #directoryOf: Settings | undefined;
  #commonDirectory = startDirectory;

  /** The tenant begins, with these settings in force. */
  begin(tenant: number, path: readonly string[], directory: string | undefined): void {
    const settings: Settings = {
      path: path.map((each) => resolve(startDirectory, each)),
      directory: directory === undefined ? undefined : resolve(startDirectory, directory),
      properties: [],
    };
    this.#byTenant.set(tenant, settings);
    this.enter(tenant);
  }

  /** For the tenant that is in force. */
  setVariables(values: Readonly<Record<string, string>>): void {
    this.#add(variables, values);
  }

  /** For the tenant that is in force. */
  setGlobals(values: Readonly<Record<string, unknown>>): void {
    this.#add(globals, values);
  }

  /** A task of the tenant is next. @throws {Error} if its working directory is not there any more */
  enter(tenant: number): void {
    const settings = this.#byTenant.get(tenant);
    this.tenant = none;
    // Globals may be among what a task can make another of: they are exchanged as the program has them.
    callTheirs(() => {
      this.#enter(settings);
    }, []);
    this.tenant = tenant;
  }

  /** Nothing of the tenant comes any more. */
  forget(tenant: number): void {
    if (this.#byTenant.get(tenant) === this.#inForce) this.leave();
    this.#byTenant.delete(tenant);
  }

  /** Puts the settings of all executors away. */
  leave(): void {
    try {
      this.enter(none);
    } catch {
      // The directory is gone. Whoever is next is told.
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

/** Puts away what is in force, and puts into force what is away. */
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
    // Where a task has made it what it is for ever, its value may still be another.
    else if (!defineProperty(owner, key, away)) set(owner, key, away.value);
  }
}

/** Not by an assignment: some globals of Node.js have a setter, which keeps the value for ever, or a getter alone. */
function define(owner: object, key: string, value: unknown): void {
  const descriptor = { value, writable: true, enumerable: true, configurable: true };
  setPrototypeOf(descriptor, null);
  if (!defineProperty(owner, key, descriptor) && !set(owner, key, value))
    throw new TypeError(`Expected names of globals that can be set but received '${key}'`);
}

/** Undefined where it was removed. */
function presentDirectory(): string | undefined {
  try {
    return cwd();
  } catch {
    return undefined;
  }
}
