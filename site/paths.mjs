import path from 'node:path';
import { fileURLToPath } from 'node:url';

const site = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(site);
const build = path.join(site, 'build'); // below the packages that VitePress looks for

/** Where the site is made of what. */
export const folders = {
  root,
  site,
  docs: path.join(root, 'docs'),
  build,
  /** The pages as VitePress reads them. */
  pages: path.join(build, 'pages'),
  /** The site. */
  html: path.join(build, 'html'),
};
