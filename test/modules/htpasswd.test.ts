// htpasswd: users of a file for web servers, and the hashes that it holds.
import { describe, expect, it } from 'vitest';
import { isWebPassword, WEB_SCHEMES, webPassword } from '../../src/core/crypt/web-password.ts';
import { diffChange } from '../../src/engine/diff-change.ts';
import { htpasswd } from '../../src/modules/htpasswd.ts';
import { basics, parseArgs } from './on-this-machine.ts';
import { absent, fileState, folder, textOf } from './states.ts';

/** What openssl made of "s3cret". */
const KNOWN = {
  apr: '$apr1$Q1d6gNqN$F4E0wf4JZLERlRQyTpG32/',
  md5: '$1$abcdefgh$7.vq19w/w3Vm.hk1FOA7Q/',
  sha: '{SHA}/vNB+F2HQ559kaLUZbmHHvZrXpg=',
};

function run(
  text: string | undefined,
  written: Record<string, unknown>,
): { text: string | undefined; msg: unknown; failed?: string; changed: boolean } {
  const args = parseArgs(htpasswd, { path: '/etc/h', name: 'joe', password: 's3cret', ...written }) as never;
  const observed = { at: text === undefined ? absent : fileState(text), parent: folder };
  const plan = htpasswd.plan(args, observed, basics);
  if (!('after' in plan))
    return { text, msg: undefined, failed: 'failed' in plan ? (plan.failed ?? '') : 'unknown', changed: false };
  const after = { ...observed, ...plan.after };
  const again = htpasswd.plan(args, after, basics);
  expect('after' in again ? textOf(again.after.at ?? after.at) : again).toBe(textOf(after.at));
  const { msg } = htpasswd.result?.(args, { before: observed, after, effects: [] }, [], basics) ?? {};
  return { text: textOf(after.at), msg, changed: textOf(after.at) !== text };
}

describe('htpasswd', () => {
  it.each(WEB_SCHEMES.filter((scheme) => !scheme.startsWith('sha') && scheme !== 'bcrypt'))(
    'makes a hash that is the password it was made of: %s',
    (hash_scheme) => {
      const { text = '', changed } = run(undefined, { hash_scheme });
      const hash = text.trim().replace(/^joe:/, '');
      expect([changed, isWebPassword('s3cret', hash), isWebPassword('other', hash)]).toEqual([true, true, false]);
      expect(run(text, { hash_scheme }).changed).toBe(false);
    },
  );
  it('makes and reads the slow ones', () => {
    const seed = new Uint8Array(32).fill(7);
    for (const scheme of ['sha256_crypt', 'sha512_crypt', 'bcrypt'] as const)
      expect(isWebPassword('a', webPassword('a', scheme, seed))).toBe(true);
  }, 60_000);

  it.each(Object.entries(KNOWN))('knows a hash that another program made: %s', (_, hash) => {
    expect(run(`joe:${hash}\n`, {})).toEqual({ text: `joe:${hash}\n`, msg: 'joe already present', changed: false });
    expect(run(`joe:${hash}\n`, { password: 'new' }).changed).toBe(true);
  });

  it('changes, adds and removes one line, and drops empty ones', () => {
    const text = `# people\njane:x\n\njoe:${KNOWN.sha}\n`;
    expect(run(text, { state: 'absent', password: undefined })).toEqual({
      text: '# people\njane:x\n',
      msg: 'Remove joe',
      changed: true,
    });
    expect(run('jane:x\n', { state: 'absent', password: undefined })).toEqual({
      text: 'jane:x\n',
      msg: 'joe not present',
      changed: false,
    });
    expect(run('jane:x\n', { hash_scheme: 'plaintext' })).toEqual({
      text: 'jane:x\njoe:s3cret\n',
      msg: 'Add/update joe',
      changed: true,
    });
    expect(run('joe:old\njane:x\n', { hash_scheme: 'plaintext' }).text).toBe('joe:s3cret\njane:x\n');
    expect(run(undefined, { create: false }).failed).toBe('Destination /etc/h does not exist');
    expect(run(undefined, { state: 'absent', password: undefined })).toEqual({
      text: undefined,
      msg: 'joe not present',
      changed: false,
    });
  });

  it('shows nothing of the hashes', () => {
    const args = parseArgs(htpasswd, { path: '/etc/h', name: 'joe', password: 's3cret' }) as never;
    const observed = { at: fileState('jane:$apr1$x\n'), parent: folder };
    const plan = htpasswd.plan(args, observed, basics);
    const after = { ...observed, ...('after' in plan ? plan.after : {}) };
    expect(diffChange({ at: 'path:/etc/h' }, ['at'], observed, after, [])).toEqual([
      {
        resource: 'path:/etc/h',
        beforeHeader: '/etc/h',
        afterHeader: '/etc/h',
        before: '',
        after: '',
        of: 'content',
        note: 'content differs (hidden)',
      },
    ]);
    expect(htpasswd.diff?.(args, { before: observed, after, effects: [] })).toBeUndefined();
  });

  it('refuses what it cannot make', () => {
    expect(() => parseArgs(htpasswd, { path: '/etc/h', name: 'joe' })).toThrow(
      'state is present but all of the following are missing: password',
    );
    expect(() => parseArgs(htpasswd, { path: '/etc/h', name: 'joe', password: 'x', hash_scheme: 'des_crypt' })).toThrow(
      'hash_scheme must be one of',
    );
  });
});
