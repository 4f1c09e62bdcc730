/** Preloaded by -r: gives `require` another language, as ts-node/register does. Nobody tells `import()` of it. */

const { readFileSync } = require('node:fs');

require.extensions['.typed'] = (module, filename) => {
  module._compile(readFileSync(filename, 'utf8').replaceAll(': number', ''), filename);
};
