// The services' script of the VOBOX image, run by the shells that VOBOXes have: start, status, reload, stop, and life after death.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const role = new URL('../../playbooks/roles/vobox/', import.meta.url).pathname;
const shells = ['dash', 'bash', 'busybox']
  .filter((shell) => spawnSync(shell, shell === 'busybox' ? ['sh', '-c', ':'] : ['-c', ':']).status === 0)
  .map((shell) => (shell === 'busybox' ? ['busybox', 'sh'] : [shell]));

let folder = '';
function site(services: string, shell: readonly string[]) {
  folder = mkdtempSync(join(tmpdir(), 'vbx-init-'));
  for (const name of ['etc', 'run', 'log', 'bin']) mkdirSync(join(folder, name));
  cpSync(join(role, 'files/init/init.sh'), join(folder, 'etc/init.sh'));
  writeFileSync(join(folder, 'etc/services.conf'), services);
  program('one', 'echo "one on $1"; while :; do sleep 60 & wait $!; done');
  program('two', 'while :; do sleep 60 & wait $!; done');
  const run = (word: string) => {
    const ran = spawnSync(shell[0] ?? 'sh', [...shell.slice(1), join(folder, 'etc/init.sh'), word], {
      encoding: 'utf8',
      env: {
        ...process.env,
        VOBOX_ETC: join(folder, 'etc'),
        VOBOX_RUN: join(folder, 'run'),
        VOBOX_LOG: join(folder, 'log'),
        VOBOX_PROGRAMS: join(folder, 'bin'),
      },
    });
    return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr };
  };
  return { run, pid: (name: string) => readFileSync(join(folder, 'run', `${name}.pid`), 'utf8').trim() };
}
function program(name: string, body: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\ntrap 'kill $! 2>/dev/null; exit 0' TERM\n${body}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
}
async function eventually(test: () => boolean): Promise<void> {
  for (const until = Date.now() + 30_000; !test();) {
    if (Date.now() > until) throw new Error('not within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

afterEach(() => {
  if (folder === '') return;
  execFileSync('sh', [join(folder, 'etc/init.sh'), 'stop'], {
    env: {
      ...process.env,
      VOBOX_ETC: join(folder, 'etc'),
      VOBOX_RUN: join(folder, 'run'),
      VOBOX_LOG: join(folder, 'log'),
      VOBOX_PROGRAMS: join(folder, 'bin'),
    },
  });
  rmSync(folder, { recursive: true, force: true });
  folder = '';
});

describe.each(shells.map((shell) => [shell.join(' '), shell] as const))('init.sh by %s', (_name, shell) => {
  it('starts, tells, and stops services', async () => {
    const { run } = site('# comment\none 1093\n\ntwo -\n', shell);
    expect(run('status')).toMatchObject({ status: 1, stdout: 'one stopped\ntwo stopped\n' });
    expect(run('start').status).toBe(0);
    expect(run('status')).toMatchObject({ status: 0, stdout: 'one running\ntwo running\n' });
    await eventually(() => readFileSync(join(folder, 'log/one.log'), 'utf8').includes('one on 1093'));
    expect(run('stop').status).toBe(0);
    expect(run('status')).toMatchObject({ status: 1, stdout: 'one stopped\ntwo stopped\n' });
    expect(readdirSync(join(folder, 'run'))).toEqual([]);
  });
  it('takes over what changed, and leaves the rest running', async () => {
    const { run, pid } = site('one 1\ntwo -\n', shell);
    run('start');
    await eventually(() => run('status').status === 0);
    const before = { one: pid('one'), two: pid('two') };
    expect(run('reload').status).toBe(0);
    expect({ one: pid('one'), two: pid('two') }).toEqual(before);
    writeFileSync(join(folder, 'etc/services.conf'), 'one 2\n');
    expect(run('reload').status).toBe(0);
    expect(pid('one')).not.toBe(before.one);
    expect(existsSync(join(folder, 'run/two.pid'))).toBe(false);
    await eventually(() => readFileSync(join(folder, 'log/one.log'), 'utf8').includes('one on 2'));
  });
  it('starts a service again that ended', async () => {
    const { run } = site('one 1\n', shell);
    program('one', 'echo begun; exit 7');
    run('start');
    await eventually(() => (readFileSync(join(folder, 'log/one.log'), 'utf8').match(/begun/g) ?? []).length > 1);
    expect(readFileSync(join(folder, 'log/one.log'), 'utf8')).toContain('one ended with status 7, starting it again');
  });
  it('says what it knows', () => expect(site('', shell).run('dance')).toMatchObject({ status: 2 }));
});

describe('the scripts of the image', () => {
  const scripts = [
    'usr/local/sbin/vobox-init',
    ...readdirSync(join(role, 'files/image/rootfs/usr/local/libexec/vobox')).map(
      (name) => `usr/local/libexec/vobox/${name}`,
    ),
  ];
  it.each(scripts)('%s is read by every shell', (script) => {
    for (const shell of shells)
      execFileSync(shell[0] ?? 'sh', [...shell.slice(1), '-n', join(role, 'files/image/rootfs', script)]);
  });
});
