declare module 'node-gyp-build' {
  /**
   * The addon below `folder` that fits this machine.
   *
   * @throws where there is none
   */
  export function path(folder: string): string;
}
