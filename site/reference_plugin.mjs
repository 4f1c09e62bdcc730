// Adds to each public name of typedoc's pages what docs/guide/api.md and api_mpi.md say of it: errors, since when, and an example.

import { Comment, CommentTag, Converter } from 'typedoc';
import { PAGES, referencesIn } from '../scripts/public_names.mjs';

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const [entry, page] of Object.entries(PAGES)) {
      const module = project.getChildByName([entry === 'lib/index.ts' ? 'index' : 'mpi']);
      for (const reference of referencesIn(page))
        // A name may be both a value and a type.
        for (const child of module?.children ?? [])
          if (child.name === reference.name) addTo(child, reference);
    }
  });
}

function addTo(reflection, { errors, since, example }) {
  const documented = reflection.signatures ?? [reflection];
  for (const each of documented) {
    each.comment ??= new Comment();
    const tags = { '@since': since, '@errors': errors, '@example': `\`\`\`js\n${example}\`\`\`` };
    for (const [tag, text] of Object.entries(tags))
      each.comment.blockTags.push(new CommentTag(tag, [{ kind: 'text', text }]));
  }
}
