/** A variable that is imported elsewhere. */

export let config;

export function setConfig(value) {
  config = value;
}
