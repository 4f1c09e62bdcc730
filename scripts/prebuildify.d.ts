declare module 'prebuildify' {
  /** Calls back when the addon is in `out`. The options are those of its command line. */
  export default function prebuildify(
    options: Readonly<Record<string, string | boolean>>,
    callback: (error: Error | null) => void,
  ): void;
}
