/** A time in milliseconds as people write it: 8 µs, 1.2 ms, 35 s. */
export function timeText(milliseconds: number): string {
  if (milliseconds < 0.9995) return `${digits(1000 * milliseconds)} µs`;
  if (milliseconds < 999.5) return `${digits(milliseconds)} ms`;
  if (milliseconds < 599_500) return `${digits(milliseconds / 1000)} s`;
  return `${digits(milliseconds / 60_000)} min`;
}

function digits(number: number): string {
  return number < 10 ? String(Number(number.toFixed(1))) : String(Math.round(number));
}
