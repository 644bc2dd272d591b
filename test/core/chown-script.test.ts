// Why an owner could not be set, as the host's own shell tells it.
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { attributeCommand } from '../../src/core/chown-script.ts';

const last = (argv: readonly string[], sorry: string, before = ''): string | undefined =>
  spawnSync('sh', ['-c', `${before}${attributeCommand(argv, sorry)}`], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
    .stderr.trim()
    .split('\n')
    .at(-1);

it('names a user or a group that is not known', () => {
  expect(last(['chown', 'nobody-there', '--', '/'], 'chown failed')).toBe(
    'chown failed: failed to look up user nobody-there',
  );
  expect(last(['chown', '-h', `${process.getuid?.() ?? 0}:nobody-there`, '--', '/'], 'chown failed')).toBe(
    'chown failed: failed to look up group nobody-there',
  );
  expect(last(['chgrp', 'nobody-there', '--', '/'], 'chgrp failed')).toBe(
    'chgrp failed: failed to look up group nobody-there',
  );
});

it('knows nobody without a name', () => {
  for (const owner of ['', 'root:'])
    expect(last(['chown', owner, '--', '/'], 'chown failed')).toBe(
      `chown failed: failed to look up ${owner === '' ? 'user' : 'group'}`,
    );
  expect(last(['chgrp', '', '--', '/'], 'chgrp failed')).toBe('chgrp failed: failed to look up group');
});

it('takes no path for the name of a user or a group', () => {
  expect(last(['chown', 'root', '--', '/no/users/root/x'], 'chown failed')).toBe('chown failed');
  expect(last(['chgrp', 'root', '--', '/no/groups/root/x'], 'chgrp failed')).toBe('chgrp failed');
});

it.each([
  ['nobody-there:root', 'user nobody-there'],
  ['root:nobody-there', 'group nobody-there'],
  ['0:nobody-there', 'group nobody-there'],
])('finds out which of %s busybox does not know', (both, unknown) => {
  expect(
    last(
      ['chown', both, '--', '/'],
      'chown failed',
      `chown() { echo ${JSON.stringify(`chown: unknown user/group ${both}`)} >&2; return 1; }\n`,
    ),
  ).toBe(`chown failed: failed to look up ${unknown}`);
});
