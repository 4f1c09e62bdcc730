declare module 'node-gyp-build' {
  /** The file that fits this machine, below `folder`. @throws where there is none */
  export function path(folder: string): string;
}
