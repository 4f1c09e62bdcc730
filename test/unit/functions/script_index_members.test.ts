import { testScripts } from './described_functions.js';

testScripts({
  'members that are only read': {
    format: 'module',
    source: `const a = {}, b = {}, c = {}, d = {}, e = { f: {} }, g = {}, h = {}, i = {}, j = {};
probe('reads', () => [a.x, a?.y, a['z'], a.x(), new a.C(), a.deep.er]);
probe('whole', () => [a.x, a, b[a.y], { c }, typeof d]);
probe('writes', () => { a.x = 1; b.y++; delete c.z; delete d?.z; [e.f] = []; ({ k: g.m, ...h.r } = {});
  for (i.n in {}); for (j.o of []); });
probe('reads too', () => { a.x.y = 1; [b.c = d.e] = [e.f]; return { k: g.m, [h.n]: i.o }; });
probe('writes by default', () => { ({ k: a.b = c.d } = {}); });
probe('evaluates', () => eval(a.x));
probe('shadows', (a) => [a.x, b.y]);`,
    functions: {
      reads: { module: 'a', members: { a: 'x y z C deep' } },
      whole: { module: 'a b c d' },
      writes: { module: 'a b c d e g h i j' },
      'reads too': {
        module: 'a b d e g h i',
        members: { a: 'x', d: 'e', e: 'f', g: 'm', h: 'n', i: 'o' },
      },
      'writes by default': { module: 'a c', members: { c: 'd' } },
      evaluates: { module: 'a', globals: 'eval', flags: 'eval' },
      shadows: { module: 'b', members: { b: 'y' } },
    },
  },
});
