/** Imports a package that is installed in this directory. @param {string} name */
export const load = (name) => import(name);
