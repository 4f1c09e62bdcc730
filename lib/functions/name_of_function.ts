/** How messages begin that speak of a function. */
export function nameOfFunction(name: string): string {
  return name === '' ? 'An anonymous function' : `The function ${name}`;
}
