import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { tmpdir } from 'node:os';
import path from 'node:path';
import { replaceDirectory } from '../../scripts/setup/replace_directory.mjs';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function writeOne(directory: string, text: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, 'one'), text);
}

test('what is in the directory can be used until all that replaces it is there', () => {
  const directory = path.join(folder, 'dist');
  const read = () => readFileSync(path.join(directory, 'one'), 'utf8');
  for (const text of ['first', 'second']) {
    const before = existsSync(directory) && read();
    replaceDirectory(directory, (fresh) => {
      writeOne(fresh, text);
      expect(existsSync(directory) && read()).toBe(before);
    });
    expect(read()).toBe(text);
  }
  const failing = () => {
    replaceDirectory(directory, (fresh) => {
      writeOne(fresh, 'third');
      throw new Error('did not compile');
    });
  };
  expect(failing).toThrow('did not compile');
  expect(read()).toBe('second');
  expect(readdirSync(folder)).toEqual(['dist']);
});
