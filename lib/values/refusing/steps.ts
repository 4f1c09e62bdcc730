/** The steps from an object to the values that it holds. */

/** A step from an object to one of the values that it holds. */
export type Step =
  | { readonly by: 'property'; readonly key: string | symbol }
  | { readonly by: 'text'; readonly text: string };

/** Called with each value that an object holds. */
export type Visit = (value: unknown, step: Step) => void;

/** The step to the value of a property. */
export function atProperty(key: string | symbol): Step {
  return { by: 'property', key };
}

/** A step that is not a property, as messages give it: `, key 1`. */
export function atText(text: string): Step {
  return { by: 'text', text };
}
