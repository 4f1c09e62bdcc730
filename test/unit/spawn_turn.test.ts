import { setImmediate } from 'node:timers/promises';

import { giveUpSpawn, spawnInTurn } from '../../lib/addon/spawn_turn.js';

describe('spawns of one process', () => {
  test('begin at once when none is under way, else when those before have returned', async () => {
    const begun: string[] = [];
    const returns: (() => void)[] = [];
    const spawn = (name: string): Promise<string> =>
      spawnInTurn(
        () =>
          new Promise((resolve) => {
            begun.push(name);
            returns.push(() => {
              resolve(`of ${name}`);
            });
          }),
      );
    const spawns = [spawn('a'), spawn('b'), spawn('c')];
    expect(begun).toEqual(['a']);
    for (const so of [
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]) {
      await setImmediate();
      returns.at(-1)!();
      await setImmediate();
      expect(begun).toEqual(so);
    }
    returns.at(-1)!();
    expect(await Promise.all(spawns)).toEqual(['of a', 'of b', 'of c']);
    await setImmediate();
    const last = spawn('d');
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    returns.at(-1)!();
    expect(await last).toBe('of d');
  });

  test('go on after one that fails', async () => {
    const fails = spawnInTurn(() => Promise.reject(new Error('no slots')));
    const next = spawnInTurn(() => Promise.resolve('there'));
    await expect(fails).rejects.toThrow('no slots');
    expect(await next).toBe('there');
  });

  test('fail where one before was given up, until it has returned', async () => {
    let end: (() => void) | undefined;
    const stuck = spawnInTurn(() => new Promise<void>((resolve) => (end = resolve)));
    const waiting = [1, 2].map((each) => spawnInTurn(() => Promise.resolve(each)));
    giveUpSpawn();
    for (const each of [...waiting, spawnInTurn(() => Promise.resolve(3))])
      await expect(each).rejects.toThrow('has not returned');
    end!();
    await stuck;
    expect(await spawnInTurn(() => Promise.resolve('there'))).toBe('there');
  });
});
