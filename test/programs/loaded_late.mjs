const word = 'late';

export function loadedLate() {
  return word;
}
