// Builds dist, by `npm run build`: one bundle with parts, so that a command reads few files, and beside it the library for modules in Python.
import { chmod, cp, rm, symlink } from 'node:fs/promises';
import { rolldown } from 'rolldown';

/**
 * Imports of Node's own modules as they are cheap: `import` makes a module of each, and for that reads every member, which loads what nobody uses
 * (streams for `fs`, web cryptography for `crypto`): a fifth of the time of a short command.
 */
export function quickImports(code: string): string {
  return code.replaceAll(
    /^import (?:([\w$]+)(?:, )?)?(?:\* as ([\w$]+)|\{([^}]*)\})? from "(node:[\w/]+)";$/gm,
    (_, all: string | undefined, members: string | undefined, names: string | undefined, module: string) => {
      const from = `= globalThis.process.getBuiltinModule("${module}");`;
      const whole = [all, members].flatMap((name) => (name === undefined ? [] : [`const ${name} ${from}`]));
      return [...whole, ...(names === undefined ? [] : [`const {${names.replaceAll(' as ', ': ')}} ${from}`])].join(
        ' ',
      );
    },
  );
}

/** In a clone: npm links the programs of what a package needs, never its own, and `npx` would install and build it elsewhere first. */
async function linkProgram(): Promise<void> {
  const link = 'node_modules/.bin/vbx';
  await rm(link, { force: true });
  await symlink('../../dist/main.js', link);
}

if (process.argv[1] === import.meta.filename) {
  const bundle = await rolldown({
    input: ['src/main.ts', 'src/reporter.ts'],
    platform: 'node',
    external: ['ssh2', 'ink', 'react', 'react/jsx-runtime'],
    plugins: [{ name: 'quick-imports', renderChunk: (code) => quickImports(code) }],
  });
  await bundle.write({ dir: 'dist', chunkFileNames: 'parts/[name]-[hash].js' });
  await bundle.close();
  await cp('src/python', 'dist/python', { recursive: true });
  await chmod('dist/main.js', 0o755);
  await linkProgram();
}
