/** Everything that communicators can do, in one run. */
await import('./communicators.mjs');
await import('./messages.mjs');
await import('./collectives.mjs');
