// pamd: rules of a PAM service, as text.
import { describe, expect, it } from 'vitest';
import { pamd } from '../../src/modules/pamd.ts';
import { basics, parseArgs } from './on-this-machine.ts';
import { absent, fileState, folder, textOf } from './states.ts';

const SSHD = `# PAM configuration for the Secure Shell service
@include common-auth
account    required     pam_nologin.so
session [success=ok ignore=ignore module_unknown=ignore default=bad]        pam_selinux.so close

# The message of the day
session    optional     pam_motd.so  motd=/run/motd.dynamic
session    optional     pam_motd.so noupdate
  # the end
`;
const MOTD = { type: 'session', control: 'optional', module_path: 'pam_motd.so' };

function edit(
  text: string | undefined,
  written: Record<string, unknown>,
): { text: string | undefined; count?: unknown; failed?: string } {
  const args = parseArgs(pamd, { name: 'sshd', ...written }) as never;
  const observed = { at: text === undefined ? absent : fileState(text), parent: folder };
  const plan = pamd.plan(args, observed, basics);
  if (!('after' in plan)) return { text, failed: 'failed' in plan ? (plan.failed ?? '') : 'unknown' };
  const after = { ...observed, ...plan.after };
  const result = pamd.result?.(args, { before: observed, after, effects: [] }, [], basics) ?? {};
  expect(result['backupdest']).toBe('');
  // Planned on its own plan, nothing is left to do (a new rule beside each of two alike excepted).
  const again = pamd.plan(args, after, basics);
  expect('after' in again ? textOf(again.after.at ?? after.at) : again).toBe(textOf(after.at));
  return { text: textOf(after.at), count: result['change_count'] };
}
/** The lines that are new and those that are gone. */
function changes(written: Record<string, unknown>, text = SSHD): { count: unknown; gone: string[]; added: string[] } {
  const made = edit(text, written);
  if (made.failed !== undefined) throw new Error(made.failed);
  const before = text.split('\n');
  const after = (made.text ?? '').split('\n');
  return {
    count: made.count,
    gone: before.filter((line) => !after.includes(line)),
    added: after.filter((line) => !before.includes(line)),
  };
}

describe('pamd', () => {
  it('removes each rule that is meant, and nothing else', () => {
    expect(changes({ ...MOTD, state: 'absent', backup: true })).toEqual({
      count: 2,
      gone: [
        'session    optional     pam_motd.so  motd=/run/motd.dynamic',
        'session    optional     pam_motd.so noupdate',
      ],
      added: [],
    });
    expect(edit(SSHD, { ...MOTD, type: '-session', state: 'absent' })).toEqual({ text: SSHD, count: 0 });
  });

  it('changes what is given of a rule', () => {
    const selinux = {
      type: 'session',
      control: '[success=ok ignore=ignore module_unknown=ignore default=bad]',
      module_path: 'pam_selinux.so',
    };
    expect(changes({ ...selinux, new_control: '[success = 2  default=ignore]' }).added).toEqual([
      'session    [success=2 default=ignore] pam_selinux.so close',
    ]);
    expect(
      changes({ ...selinux, new_type: '-session', new_module_path: 'pam_x.so', module_arguments: '' }).added,
    ).toEqual(['-session   [success=ok ignore=ignore module_unknown=ignore default=bad] pam_x.so']);
    expect(changes({ ...MOTD, module_arguments: ['noupdate', '[a b]'] }).added).toEqual([
      'session    optional pam_motd.so noupdate [a b]',
      'session    optional pam_motd.so noupdate [a b]',
    ]);
    expect(
      edit(SSHD, {
        type: 'account',
        control: 'required',
        module_path: 'pam_nologin.so',
        new_control: 'required',
        module_arguments: '',
      }),
    ).toEqual({ text: SSHD, count: 0 });
  });

  it('puts a rule before or after another, once, and keeps the comments between', () => {
    const rule = {
      type: 'account',
      control: 'required',
      module_path: 'pam_nologin.so',
      new_type: 'auth',
      new_control: 'sufficient',
      new_module_path: 'pam_y.so',
    };
    const text = 'auth required pam_a.so\n# why\naccount required pam_nologin.so\n\n# more\nauth required pam_z.so\n';
    expect(edit(text, { ...rule, state: 'before', module_arguments: 'x,y=1' })).toEqual({
      text: text.replace('account', 'auth       sufficient pam_y.so x y=1\naccount'),
      count: 1,
    });
    expect(edit(text, { ...rule, state: 'after' })).toEqual({
      text: text.replace('pam_nologin.so\n', 'pam_nologin.so\nauth       sufficient pam_y.so\n'),
      count: 1,
    });
    const there = 'auth sufficient pam_y.so other\n# why\naccount required pam_nologin.so\n';
    expect(edit(there, { ...rule, state: 'before' })).toEqual({ text: there, count: 0 });
    expect(edit('account required pam_nologin.so', { ...rule, state: 'after' }).text).toBe(
      'account required pam_nologin.so\nauth       sufficient pam_y.so\n',
    );
  });

  it('adds and removes arguments', () => {
    const text = 'auth required pam_faillock.so preauth deny=3\n';
    const rule = { type: 'auth', control: 'required', module_path: 'pam_faillock.so' };
    expect(edit(text, { ...rule, state: 'args_present', module_arguments: 'silent,deny=5,preauth' })).toEqual({
      text: 'auth       required pam_faillock.so preauth deny=5 silent\n',
      count: 1,
    });
    expect(edit(text, { ...rule, state: 'args_absent', module_arguments: ['deny=3', 'gone'] })).toEqual({
      text: 'auth       required pam_faillock.so preauth\n',
      count: 1,
    });
    for (const given of [
      { state: 'args_present', module_arguments: 'preauth' },
      { state: 'args_absent', module_arguments: 'deny=4' },
    ])
      expect(edit(text, { ...rule, ...given })).toEqual({ text, count: 0 });
  });

  it('refuses what is no service of PAM, and arguments that do not go together', () => {
    expect(edit(undefined, MOTD).failed).toContain('Unable to open/read PAM module file /etc/pam.d/sshd');
    expect(edit('nonsense\n', MOTD).failed).toBe('Rule is not valid nonsense');
    expect(edit(SSHD, { ...MOTD, new_control: 'maybe' }).failed).toContain('Rule control, maybe, is not valid');
    expect(edit(SSHD, { ...MOTD, new_control: '[success=often]' }).failed).toContain(
      'Rule control action, often, is not valid',
    );
    expect(edit('auth [luck=1] x.so\n', MOTD).failed).toContain('Rule control value, luck, is not valid');
    expect(() => edit(SSHD, { ...MOTD, state: 'before', new_type: 'auth' })).toThrow(
      'state is before but all of the following are missing: new_control, new_module_path',
    );
    expect(() => edit(SSHD, { ...MOTD, state: 'args_present' })).toThrow(
      'state is args_present but all of the following are missing: module_arguments',
    );
    expect(() => edit(SSHD, { ...MOTD, state: 'args_present', module_arguments: ['[a b]'] })).toThrow(
      'Unable to process bracketed',
    );
  });
});
