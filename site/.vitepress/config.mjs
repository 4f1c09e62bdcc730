// VitePress makes the site of what site/build.mjs has put into site/build/pages.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitepress';
import { folders } from '../paths.mjs';
import { slugOf } from '../slug.mjs';

/** The sections and pages of docs/README.md: `| what a reader wants | [page](guide/page.md) |`. */
function sidebar() {
  const [, ...sections] = readFileSync(path.join(folders.docs, 'README.md'), 'utf8').split(/^## /m);
  const ofIndex = sections.map((section) => ({
    text: section.split('\n')[0],
    items: [...section.matchAll(/^\| (.+?) +\| (.+) \|$/gm)].flatMap(([, , pages]) =>
      [...pages.matchAll(/\[([^\]]+)\]\(([^)]+)\.md\)/g)].map(([, , page]) => ({
        text: titleOf(page),
        link: `/${page}`,
      })),
    ),
  }));
  return [...ofIndex, { text: 'API', items: [{ text: 'Every public name', link: '/api/' }] }];
}

function titleOf(page) {
  const [, title] = /^# (.+)$/m.exec(readFileSync(path.join(folders.docs, `${page}.md`), 'utf8'));
  return title;
}

export default defineConfig({
  title: 'mpi-futures',
  description: 'Run functions on a pool of MPI processes',
  // From the folder of this package, site/.
  srcDir: folders.pages,
  outDir: folders.html,
  cacheDir: path.join(folders.build, 'cache'),
  markdown: {
    anchor: { slugify: slugOf },
    // What looks like a tag, such as <hostname>, is text.
    html: false,
    // {{ … }} is text, too.
    config: (markdown) => markdown.core.ruler.push('no-templates', withoutTemplates),
  },
  // Dead links end the build: ignoreDeadLinks is false.
  themeConfig: {
    nav: [
      { text: 'First pool', link: '/guide/first_pool' },
      { text: 'Guide', link: '/docs' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: sidebar(),
    outline: 'deep',
    search: { provider: 'local' },
  },
});

function withoutTemplates(state) {
  for (const token of state.tokens)
    for (const child of token.children ?? [])
      if (child.type === 'text') child.content = child.content.replaceAll('{{', '{\u200b{');
}
