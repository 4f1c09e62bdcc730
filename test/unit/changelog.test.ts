/** CHANGELOG.md can become that of a release, and no release can forget it. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { faultOf, released } from '../../scripts/changelog.mjs';
import { root } from '../../scripts/paths.mjs';

const changelog =
  '# Changelog\n\n## [Unreleased]\n\n### Fixed\n\n- One.\n\n## [1.0.0] - 2026-01-31\n\n- Zero.\n';

describe('a release', () => {
  test('takes what is below [Unreleased], and leaves that empty', () => {
    const text = released(changelog, '1.1.0', '2026-02-28');
    expect(text).toBe(
      '# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-02-28\n\n### Fixed\n\n- One.\n\n## [1.0.0] - 2026-01-31\n\n- Zero.\n',
    );
    expect(faultOf(text, '1.1.0')).toBeUndefined();
  });

  test('needs changes, and a version that is not there yet', () => {
    const once = released(changelog, '1.1.0', '2026-02-28');
    expect(() => released(once, '1.2.0', '2026-03-31')).toThrow(
      'Expected changes below [Unreleased]',
    );
    expect(() => released(changelog, '1.0.0', '2026-03-31')).toThrow('has version 1.0.0 already');
  });

  test.each([
    ['the version is not there', changelog, 'Expected ## [1.1.0] and a date'],
    [
      'it has no date',
      changelog.replace('1.0.0] - 2026-01-31', '1.1.0]'),
      'Expected ## [1.1.0] and a date',
    ],
    [
      'something is left',
      changelog.replace('1.0.0', '1.1.0'),
      'Expected nothing below [Unreleased]',
    ],
  ])('is refused if %s', (_, text, fault) => {
    expect(faultOf(text, '1.1.0')).toContain(fault);
  });

  test('can be made of the changelog as it is', () => {
    const text = readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8');
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    if (faultOf(text, version) === undefined) return; // this is the release
    expect(faultOf(released(text, '999.0.0', '2026-01-31'), '999.0.0')).toBeUndefined();
  });
});
