import { UntilFailure } from '../../lib/until_failure.js';

const never = new Promise<never>(() => undefined);
const dead = new Error('a process has died');

describe('waits until a failure', () => {
  test('settle as the operation does', async () => {
    const waits = new UntilFailure();
    await expect(waits.during(Promise.resolve(1))).resolves.toBe(1);
    await expect(waits.during(Promise.reject(new Error('its own')))).rejects.toThrow('its own');
  });

  test('end with it, be it before or after they have begun', async () => {
    const waits = new UntilFailure();
    const before = waits.during(never);
    waits.fail(dead);
    await expect(before).rejects.toBe(dead);
    // As an operation whose communicator was still being opened when the process died.
    await expect(waits.during(never)).rejects.toBe(dead);
    expect(() => {
      waits.check();
    }).toThrow(dead);
  });

  test('go on after it is over', async () => {
    const waits = new UntilFailure();
    waits.fail(dead);
    waits.recover();
    waits.check();
    await expect(waits.during(Promise.resolve(1))).resolves.toBe(1);
  });
});
