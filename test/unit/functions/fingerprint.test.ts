import { fingerprint } from '../../../lib/functions/fingerprint.js';

describe('the fingerprint of a text', () => {
  const text = 'export const answer = () => 6 * 7;\n'.repeat(20);

  test('is that of an equal text', () => {
    expect(fingerprint(`${text.slice(0, 5)}${text.slice(5)}`)).toBe(fingerprint(text));
  });

  test('is another one after any change of one character, and for every length', () => {
    const changed = Array.from(text, (_, at) =>
      ['x', 'y', ''].map((unit) => text.slice(0, at) + unit + text.slice(at + 1)),
    ).flat();
    const starts = Array.from(text, (_, length) => text.slice(0, length));
    const different = new Set([text, ...changed, ...starts]);
    expect(new Set(Array.from(different, fingerprint)).size).toBe(different.size);
  });
});
