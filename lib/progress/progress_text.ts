/** The progress of a map in words, and as a bar. */

import type { MapProgress } from './map_progress.js';

const shortestBar = 6;
const longestBar = 40;
const shortestLabel = 4;

/** One line for a terminal of so many columns, and never longer: what has no room is left out. */
export function progressLine(progress: MapProgress, columns: number): string {
  const { done, total, timeLeft, ended } = progress;
  const width = Math.max(1, columns - 1); // a line that is full may wrap
  const percent = percentOf(progress);
  const count = total === undefined ? `${done}` : `${done}/${total}`;
  const time = ended
    ? durationText(progress.elapsed)
    : timeLeft === undefined
      ? ''
      : `${durationText(timeLeft)} left`;
  // By weight: what comes later is left out first, and the last two rather than a third of the line for the label.
  const parts = [percent ?? count, time, percent === undefined ? '' : count, rateText(progress)];
  const whole = plain(progress.label);
  const forLabel = 1 + Math.min(columnsOf(whole), Math.floor(width / 3));
  let text = '';
  for (const [index, part] of parts.entries()) {
    const longer = [text, part].filter(Boolean).join(' ');
    if (longer.length <= (index < 2 ? width : width - forLabel)) text = longer;
  }
  const label = fit(whole, width - text.length - 1);
  const line = [label, text].filter(Boolean).join(' ');
  const room = Math.min(longestBar, width - columnsOf(line) - 3);
  if (percent === undefined || room < shortestBar) return line;
  const filled = done === total ? room : Math.floor((room * done) / total!);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(room - filled)}]`;
  return [label, bar, text].filter(Boolean).join(' ');
}

/** A sentence for a file or a pipe. */
export function progressSentence(progress: MapProgress): string {
  const { label, done, total, elapsed, timeLeft, ended } = progress;
  const of = total === undefined || (ended && done === total) ? '' : ` of ${total}`;
  const percent = ended ? undefined : percentOf(progress);
  const count = `${done}${of}${percent === undefined ? '' : ` (${percent})`}`;
  const rest = timeLeft === undefined || ended ? '' : `, ${durationText(timeLeft)} left`;
  return `${plain(label)}: ${count} in ${durationText(elapsed)}, ${rateText(progress)}${rest}`;
}

/** A time in one or two units: 0.4 s, 12 s, 3:05 min, 2:10 h. */
export function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${twoDigits(whole % 60)} min`;
  return `${Math.floor(minutes / 60)}:${twoDigits(minutes % 60)} h`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

function rateText({ rate }: MapProgress): string {
  if (rate === 0) return '0/s';
  if (rate < 1) return `${(60 * rate).toFixed(1)}/min`;
  return `${rate < 100 ? rate.toFixed(1) : Math.round(rate)}/s`;
}

function percentOf({ done, total }: MapProgress): string | undefined {
  if (total === undefined) return undefined;
  return `${total === 0 ? 100 : Math.floor((100 * done) / total)}%`;
}

/** Without characters that would move the cursor, break the line, or turn the text that follows. */
function plain(label: string): string {
  return label.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

function fit(label: string, room: number): string {
  if (columnsOf(label) <= room) return label;
  if (room < shortestLabel) return '';
  let text = '';
  for (const character of label) {
    if (columnsOf(text + character) >= room) break;
    text += character;
  }
  return `${text}…`;
}

const wide =
  /[\p{Emoji_Presentation}\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}\u3000-\u303f\uff01-\uff60]/u;

/** The columns of a terminal that a text takes: characters of East Asia and emoji take two, accents that are put above others none. */
function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text)
    if (!/\p{M}/u.test(character)) columns += wide.test(character) ? 2 : 1;
  return columns;
}
