// Layers import one way: what each folder of src may import, checked on every import of every file.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** Folder -> folders of src that it may import beside itself. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  core: [],
  yaml: ['core'],
  vault: ['core', 'yaml'],
  config: ['core'],
  template: ['core', 'vault', 'yaml'],
  inventory: ['core', 'template', 'yaml'],
  playbook: ['core', 'template', 'yaml'],
  probes: ['core'],
  modules: ['core', 'probes'],
  remote: ['core'],
  engine: ['core', 'template', 'inventory', 'playbook', 'yaml'],
  reporters: ['core'],
  cli: [
    'config',
    'core',
    'engine',
    'inventory',
    'modules',
    'playbook',
    'probes',
    'remote',
    'reporters',
    'template',
    'vault',
    'yaml',
    '.',
  ],
  '.': ['cli', 'core', 'template', 'reporters'],
};

/** Folders whose files may use the file system, processes or the network. */
const MAY_TOUCH = new Set([
  'remote',
  'cli',
  'vault',
  'config',
  'inventory',
  'playbook',
  'template',
  'yaml',
  'engine',
  'reporters',
  '.',
]);

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name));
}

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\('([^']+)'\)/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
}

const layerOf = (path: string): string => {
  const [first = '.', ...rest] = relative(SRC, path).split('/');
  return rest.length === 0 ? '.' : first;
};

describe('the layers of src', () => {
  const all = files(SRC);
  it('has files', () => expect(all.length).toBeGreaterThan(100));

  it('import one way', () => {
    const wrong = all.flatMap((file) => {
      const own = layerOf(file);
      return importsOf(readFileSync(file, 'utf8'))
        .filter((name) => name.startsWith('.'))
        .map((name) => layerOf(resolve(dirname(file), name)))
        .filter((layer) => layer !== own && !(MAY[own] ?? []).includes(layer))
        .map((layer) => `${relative(SRC, file)} imports ${layer}`);
    });
    expect(wrong).toEqual([]);
  });

  it('keep modules, probes and core away from files, processes and the network', () => {
    const wrong = all
      .filter((file) => !MAY_TOUCH.has(layerOf(file)))
      .flatMap((file) =>
        importsOf(
          readFileSync(file, 'utf8').replace(/import \{ isIP(v4|v6)?(, isIP(v4|v6)?)* \} from 'node:net';/g, ''),
        )
          .filter((name) => /^node:(fs|child_process|net|http|https|os|tty)|^ssh2$/.test(name))
          .map((name) => `${relative(SRC, file)} imports ${name}`),
      );
    expect(wrong).toEqual([]);
  });

  it('exit the process in one place', () => {
    expect(
      all.filter((file) => readFileSync(file, 'utf8').includes('process.exit(')).map((file) => relative(SRC, file)),
    ).toEqual(['main.ts']);
  });

  it('name every file of modules after its module', () => {
    const text = readFileSync(join(SRC, 'modules/registry.ts'), 'utf8');
    const listed = [...text.matchAll(/'([\w.]+)': \(\) => import\('\.\/([\w/]+)\.ts'\)/g)];
    expect(listed.length).toBeGreaterThan(40);
    for (const [, name = '', file = ''] of listed) expect(file.split('/').at(-1)).toBe(name.split('.').at(-1));
  });

  it('has one version', async () => {
    const { VERSION } = await import('../src/version.ts');
    expect((JSON.parse(readFileSync(resolve(SRC, '../package.json'), 'utf8')) as { version: string }).version).toBe(
      VERSION,
    );
  });
});
