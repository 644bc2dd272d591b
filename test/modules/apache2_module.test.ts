// apache2_module with an Apache of shell scripts: what its program lists decides, and a2enmod changes that.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { apache2_module, parseApacheModule } from '../../src/modules/apache2_module.ts';
import { testShells, type TestShell } from '../probes/shells.ts';
import { basics, parseArgs, run } from './on-this-machine.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbx-apache-'));
const { shells, close } = testShells();
const [sh] = shells;
if (sh === undefined) throw new Error('this machine has no shell');
const shell: TestShell = {
  name: 'with an Apache',
  run: (script) => sh.run(script, { env: { PATH: `${folder}:/usr/bin:/bin`, APACHE: folder } }),
};
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  close();
});

function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}
const listed = (): string => readFileSync(join(folder, 'modules'), 'utf8');
const apache = (written: Record<string, unknown>, options = {}) => run(shell, apache2_module, written, options);

beforeEach(() => {
  rmSync(join(folder, 'words'), { force: true });
  writeFileSync(join(folder, 'modules'), ' core_module (static)\n ssl_module (shared)\n mpm_event_module (shared)\n');
  program(
    'apache2ctl',
    `case $1 in
-V) echo 'Server MPM: event'; echo '  threaded:     yes (fixed thread count)';;
-M) grep -q mpm_ "$APACHE/modules" || { echo 'AH00534: apache2: Configuration error: No MPM loaded.' >&2; exit 1; }; echo 'Loaded Modules:'; cat "$APACHE/modules";;
esac`,
  );
  program(
    'a2enmod',
    `echo "$0 $*" >> "$APACHE/words"; echo "Enabling module $1."; [ "$1" = broken ] || echo " $(echo "$1" | sed 's/^dump_io$/dumpio/; s/^\\(php[0-9]\\)\\..*/\\1/')_module (shared)" >> "$APACHE/modules"`,
  );
  program(
    'a2dismod',
    `echo "$0 $*" >> "$APACHE/words"; for m; do :; done; sed -i "/ \${m}_module /d" "$APACHE/modules"; exit 1`,
  );
});

describe('apache2_module', () => {
  it('switches a module on, and off, once', () => {
    expect(apache({ name: 'rewrite' }, { check: true })).toMatchObject({
      changed: true,
      result: { result: 'Module rewrite enabled' },
    });
    expect(existsSync(join(folder, 'words'))).toBe(false);
    expect(apache({ name: 'rewrite' })).toMatchObject({
      changed: true,
      astray: [],
      result: { result: 'Module rewrite enabled' },
    });
    expect(listed()).toContain('rewrite_module');
    expect(apache({ name: 'rewrite' })).toMatchObject({ changed: false, result: { result: 'Module rewrite enabled' } });
    // That the tool says 1 is of no account.
    expect(apache({ name: 'rewrite', state: 'absent', force: true })).toMatchObject({
      changed: true,
      astray: [],
      result: { result: 'Module rewrite disabled' },
    });
    expect(apache({ name: 'rewrite', state: 'absent' })).toMatchObject({
      changed: false,
      result: { result: 'Module rewrite disabled' },
    });
    expect(readFileSync(join(folder, 'words'), 'utf8')).toBe(
      `${folder}/a2enmod rewrite\n${folder}/a2dismod -f rewrite\n`,
    );
  });

  it('knows modules by other names', () => {
    expect(apache({ name: 'php7.4' })).toMatchObject({ changed: true, astray: [] });
    expect(apache({ name: 'dump_io', identifier: 'dumpio_module' })).toMatchObject({ changed: true, astray: [] });
    const named = (name: string): string =>
      apache2_module.probe(parseArgs(apache2_module, { name }) as never, basics).module.resource;
    expect(['shib2', 'evasive', 'php8.2', 'php7.4', 'ssl'].map(named)).toEqual(
      ['mod_shib', 'evasive20_module', 'php_module', 'php7_module', 'ssl_module'].map(
        (name) => `apache2module:${name}`,
      ),
    );
  });

  it('fails where Apache does not have the module then', () => {
    const { result } = apache({ name: 'broken' });
    expect(result).toMatchObject({ failed: true, rc: 0, stdout: 'Enabling module broken.\n' });
    expect(result['msg']).toContain(
      'Failed to set module broken to enabled:\nEnabling module broken.\n\nMaybe the module identifier (broken_module) was guessed incorrectly.',
    );
  });

  it('fails on a configuration that is not sound, unless told otherwise', () => {
    expect(apache({ name: 'mpm_event', state: 'absent' }).result['msg']).toContain('Error executing');
    expect(apache({ name: 'ssl', state: 'absent' }).failed).toContain('AH00534');
    expect(apache({ name: 'mpm_prefork', ignore_configcheck: true })).toMatchObject({
      changed: true,
      astray: [],
      result: { result: 'Module mpm_prefork enabled' },
    });
    expect(apache({ name: 'mpm_prefork', state: 'absent', ignore_configcheck: true })).toMatchObject({
      changed: true,
      astray: [],
      result: { result: 'Module mpm_prefork disabled' },
    });
  });

  it('fails without the tools, and on cgi beside threads', () => {
    expect(apache({ name: 'cgi' }).failed).toContain('Your MPM seems to be threaded');
    rmSync(join(folder, 'a2enmod'));
    expect(apache({ name: 'rewrite' }).failed).toBe(
      'a2enmod not found. Perhaps this system does not use a2enmod to manage apache',
    );
    expect(apache({ name: 'ssl' }).changed).toBe(false);
    rmSync(join(folder, 'apache2ctl'));
    expect(apache({ name: 'ssl' }).failed).toContain('Neither of apache2ctl nor apachectl found');
  });

  it('warns where no MPM is on', () => {
    const said = parseApacheModule(
      {
        rc: 0,
        stdout: Buffer.from('@control /usr/sbin/apache2ctl\n@a2enmod\n@modules\nAH00534: no MPM\n@rc 1\n'),
        stderr: Buffer.alloc(0),
      },
      'x',
    );
    const warnings = (written: Record<string, unknown>) => {
      const plan = apache2_module.plan(
        parseArgs(apache2_module, { ignore_configcheck: true, ...written }) as never,
        { module: said },
        basics,
      );
      return 'after' in plan ? plan.warnings : plan;
    };
    expect(warnings({ name: 'mpm_prefork' })).toEqual([expect.stringContaining('No MPM module loaded!')]);
    expect(warnings({ name: 'mpm_prefork', warn_mpm_absent: false })).toEqual([]);
    expect(warnings({ name: 'ssl' })).toEqual(['Error executing /usr/sbin/apache2ctl: AH00534: no MPM\n']);
  });
});
