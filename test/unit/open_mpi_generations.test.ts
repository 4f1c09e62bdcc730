import type { NetworkInterfaceInfo } from 'node:os';
import type { MpiLibrary } from '../../lib/addon/implementation.js';
import {
  haveHome,
  keepMemoryFunctions,
  useIPv4Alone,
  tellLibrary,
} from '../../lib/addon/library_settings.js';
import { allowAsManyAsAsked, isOversubscriptionAllowed } from '../../lib/addon/oversubscription.js';
import { survivesLosses } from '../../lib/addon/recovery.js';
import { isRefusedAsRoot } from '../../lib/addon/root_refusal.js';

const openMpi = (major: number) => ({ implementation: 'openmpi' as const, major, version: '' });
const mpich = { implementation: 'mpich' as const, major: 4, version: '' };

const settings = (major: number, given: NodeJS.ProcessEnv = {}) => {
  const environment = { ...given };
  allowAsManyAsAsked(openMpi(major), environment);
  return environment;
};

test('each generation of Open MPI is allowed more processes than cores by its own names', () => {
  expect(settings(4)).toEqual({ OMPI_MCA_rmaps_base_oversubscribe: '1' });
  expect(settings(5)).toEqual({
    PRTE_MCA_rmaps_default_mapping_policy: ':oversubscribe',
    PRTE_MCA_hwloc_default_binding_policy: 'none',
  });
  expect(settings(6)).toEqual({ PRTE_MCA_mapby: ':oversubscribe', PRTE_MCA_bindto: 'none' });
  for (const major of [4, 5, 6])
    expect(isOversubscriptionAllowed(openMpi(major), settings(major), false)).toBe(true);
});

test('a variable allows more processes than slots where its Open MPI takes notice of it', () => {
  const allowed = (environment: NodeJS.ProcessEnv, isLaunched: boolean) =>
    [4, 5, 6].map((major) => isOversubscriptionAllowed(openMpi(major), environment, isLaunched));
  for (const said of [
    { OMPI_MCA_rmaps_base_oversubscribe: '1' },
    { OMPI_MCA_rmaps_base_mapping_policy: ':OVERSUBSCRIBE' },
  ]) {
    expect(allowed(said, true)).toEqual([true, false, false]);
    expect(allowed(said, false)).toEqual([true, true, true]);
  }
  const ofPrrte = { PRTE_MCA_rmaps_default_mapping_policy: ':oversubscribe' };
  expect(allowed(ofPrrte, true)).toEqual([false, true, true]);
  expect(allowed({ PRTE_MCA_mapby: ':oversubscribe' }, true)).toEqual([false, false, true]);
  expect(allowed({ OMPI_MCA_rmaps_base_mapping_policy: ':nooversubscribe' }, false)).toEqual([
    false,
    false,
    false,
  ]);
});

test('what the user has said of it stands', () => {
  expect(settings(6, { PRTE_MCA_mapby: 'core' })).toEqual({ PRTE_MCA_mapby: 'core' });
  expect(settings(5, { SLURM_JOB_ID: '7' })).toEqual({ SLURM_JOB_ID: '7' });
  expect(settings(6, { PRTE_MCA_bindto: 'core' }).PRTE_MCA_bindto).toBe('core');
});

test('only Open MPI 4 believes in orte_enable_recovery', () => {
  const asked = { OMPI_MCA_orte_enable_recovery: '1' };
  expect([4, 5, 6].map((major) => survivesLosses(openMpi(major), asked))).toEqual([
    true,
    false,
    false,
  ]);
  expect(survivesLosses(openMpi(4), {})).toBe(false);
  expect(survivesLosses(mpich, asked)).toBe(false);
});

test('root may not spawn without mpiexec from Open MPI 5 on, unless both variables say so', () => {
  const one = { PRTE_ALLOW_RUN_AS_ROOT: '1' };
  const both = { ...one, PRTE_ALLOW_RUN_AS_ROOT_CONFIRM: '1' };
  expect(isRefusedAsRoot(openMpi(5), {}, 0)).toBe(true);
  expect(isRefusedAsRoot(openMpi(6), one, 0)).toBe(true);
  expect(isRefusedAsRoot(openMpi(6), both, 0)).toBe(false);
  expect(isRefusedAsRoot(openMpi(5), {}, 1000)).toBe(false);
  expect(isRefusedAsRoot(openMpi(4), {}, 0)).toBe(false);
  expect(isRefusedAsRoot(mpich, {}, 0)).toBe(false);
});

test('Open MPI is told to leave the memory functions alone, unless the user has said otherwise', () => {
  const memory = (library: MpiLibrary, given?: string) => {
    delete process.env.OMPI_MCA_memory;
    if (given !== undefined) process.env.OMPI_MCA_memory = given;
    keepMemoryFunctions(library);
    const { OMPI_MCA_memory: result } = process.env;
    delete process.env.OMPI_MCA_memory;
    return result;
  };
  for (const major of [4, 5, 6]) expect(memory(openMpi(major))).toBe('^patcher');
  expect(memory(openMpi(6), 'patcher')).toBe('patcher');
  expect(memory(mpich)).toBeUndefined();
});

test('Open MPI 5 and later are given a HOME where there is none, and it is told to them', () => {
  const home = (library: MpiLibrary, given?: string) => {
    const before = process.env;
    process.env = { ...before, HOME: given };
    if (given === undefined) delete process.env.HOME;
    haveHome(library);
    const told: string[] = [];
    tellLibrary({ setVariable: (variable, value) => told.push(`${variable}=${value}`) });
    const result = process.env.HOME;
    process.env = before;
    expect(told.includes(`HOME=${result}`)).toBe(result !== undefined);
    return result;
  };
  expect([5, 6].map((major) => home(openMpi(major)))).toEqual([
    expect.stringMatching(/^\//),
    expect.stringMatching(/^\//),
  ]);
  expect(home(openMpi(5), '/here')).toBe('/here');
  expect(home(openMpi(4))).toBeUndefined();
  expect(home(mpich)).toBeUndefined();
});

describe('IPv4 alone', () => {
  const name = 'OMPI_MCA_btl_tcp_disable_family';
  const of = (family: 'IPv4' | 'IPv6', address: string, internal = false) =>
    ({ family, address, internal }) as NetworkInterfaceInfo;
  const local = { lo: [of('IPv4', '127.0.0.1', true), of('IPv6', '::1', true)] };
  const only6 = { ...local, eth0: [of('IPv6', 'fd00::2'), of('IPv6', 'fe80::2')] };
  const both = { ...local, eth0: [of('IPv4', '10.0.0.2'), of('IPv6', 'fd00::2')] };
  const familyFor = (
    major: number,
    interfaces: Record<string, NetworkInterfaceInfo[]>,
  ): string | undefined => {
    delete process.env.OMPI_MCA_btl_tcp_disable_family;
    useIPv4Alone(openMpi(major), interfaces);
    return process.env[name];
  };
  afterEach(() => {
    delete process.env.OMPI_MCA_btl_tcp_disable_family;
  });

  test('where Open MPI 5 has both, or none to others', () => {
    expect(familyFor(5, both)).toBe('6');
    expect(familyFor(5, local)).toBe('6');
  });

  test('not where others can only reach the host by IPv6, nor in other generations', () => {
    expect(familyFor(5, only6)).toBeUndefined();
    expect([4, 6].map((major) => familyFor(major, both))).toEqual([undefined, undefined]);
  });

  test('is told to the library, which a copy of the environment would not reach', () => {
    const told: string[] = [];
    familyFor(5, both);
    tellLibrary({ setVariable: (variable, value) => told.push(`${variable}=${value}`) });
    expect(told).toContain(`${name}=6`);
  });
});
