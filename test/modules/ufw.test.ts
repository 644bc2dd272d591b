// ufw and seport: the commands that they give, and what they read from the state before and after.
import { describe, expect, it } from 'vitest';
import type { Step, StepResult } from '../../src/core/step.ts';
import { validateArgs } from '../../src/engine/validate-args.ts';
import { parsePorts, seport } from '../../src/modules/seport.ts';
import { ufw } from '../../src/modules/ufw.ts';
import { basics, parseArgs } from './on-this-machine.ts';

const args = (written: Record<string, unknown>): never => {
  const { args: valid, problems } = validateArgs(ufw, written);
  if (valid === undefined) throw new Error(problems.map(({ message }) => message).join('; '));
  return valid as never;
};
type Observed = Parameters<typeof ufw.steps>[1];
const none: Observed = { ufw: { missing: false, rules: [] } };
const steps = (written: Record<string, unknown>, checkMode = false, observed = none): readonly Step[] =>
  ufw.steps(args(written), observed, basics, { host: 'h', playbookDir: '/', environment: {}, checkMode });
const lines = (given: readonly Step[]): string[] =>
  given.map((step) =>
    step.kind === 'script'
      ? step.script.startsWith('grep')
        ? 'rules'
        : step.script.slice(step.script.lastIndexOf('\n') + 1)
      : step.kind,
  );
const answered = (given: readonly Step[], outputs: readonly string[]): StepResult[] =>
  given.map((step, index) => ({ step, rc: 0, stdout: outputs[index] ?? '', stderr: '', start: 0, end: 0 }));

describe('ufw', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    [
      'a rule',
      { rule: 'allow', port: 22, proto: 'tcp', comment: 'the ssh' },
      ["ufw allow from any to any port 22 proto tcp comment 'the ssh'"],
    ],
    [
      'a rule with everything',
      {
        rule: 'limit',
        route: true,
        insert: 2,
        interface_in: 'eth0',
        interface_out: 'eth1',
        log: true,
        src: '10.0.0.0/8',
        from_port: '1',
        dest: '10.1.1.1',
        to_port: '2',
      },
      ['ufw route insert 2 limit in on eth0 out on eth1 log from 10.0.0.0/8 port 1 to 10.1.1.1 port 2'],
    ],
    [
      'a rule to remove',
      { rule: 'deny', direction: 'in', if: 'eth0', delete: true, insert: 3 },
      ['ufw delete deny in on eth0 from any to any'],
    ],
    [
      'in order',
      { state: 'enabled', policy: 'deny', direction: 'incoming', logging: 'low' },
      ['ufw -f enable', 'ufw default deny incoming', 'ufw logging low'],
    ],
  ])('gives commands for %s', (_, written, commands) => {
    expect(lines(steps(written))).toEqual(['ufw status verbose', 'rules', ...commands, 'ufw status verbose', 'rules']);
  });

  it.each([
    ['first-ipv4', 1, 'insert 2 '],
    ['last-ipv4', 0, 'insert 2 '],
    ['first-ipv6', 0, 'insert 3 '],
    ['last-ipv6', -1, 'insert 3 '],
    ['last-ipv6', 1, ''],
  ])('counts from %s', (relative, insert, words) => {
    const probe = ufw.probe?.(args({ rule: 'deny', insert, insert_relative_to: relative }), basics).ufw;
    const text =
      '[ 1] 22/tcp   ALLOW IN    Anywhere\n[ 2] 53    DENY IN     10.1.0.0/16\n[ 3] Anywhere (v6)   DENY IN     2001:db8::/32\n[ 4] 80  ALLOW IN    2001:db8::1\n';
    const [observed] =
      probe?.family.parse?.({ rc: 0, stdout: Buffer.from(text), stderr: Buffer.alloc(0) } as never, [probe.query]) ??
      [];
    expect(
      lines(steps({ rule: 'deny', insert, insert_relative_to: relative }, false, { ufw: observed } as never))[2],
    ).toBe(`ufw ${words}deny from any to any`);
  });

  it('is changed where its state or its rules are others afterwards, and always after a reload', () => {
    const result = (written: Record<string, unknown>, outputs: readonly string[]) =>
      ufw.parse(args(written), answered(steps(written), outputs), none);
    expect(result({ rule: 'allow' }, ['inactive\n', 'a\n', '', 'inactive\n', 'a\n'])).toEqual({
      changed: false,
      commands: ['ufw status verbose', 'ufw allow from any to any', 'ufw status verbose'],
      msg: 'inactive',
    });
    expect(result({ rule: 'allow' }, ['inactive\n', 'a\n', '', 'inactive\n', 'a\nb\n']).changed).toBe(true);
    expect(result({ state: 'enabled' }, ['inactive\n', 'a\n', '', 'active\n', 'a\n']).changed).toBe(true);
    expect(result({ state: 'reloaded' }, ['active\n', 'a\n', '', 'active\n', 'a\n']).changed).toBe(true);
    const failing = steps({ rule: 'allow', name: 'x' })
      .slice(0, 3)
      .map((step, index): StepResult => ({
        step,
        rc: index === 2 ? 1 : 0,
        stdout: '',
        stderr: index === 2 ? 'ERROR: no x\n' : '',
        start: 0,
        end: 0,
      }));
    expect(ufw.parse(args({ rule: 'allow', name: 'x' }), failing, none)).toMatchObject({
      failed: true,
      msg: 'ERROR: no x\n',
    });
  });

  const ACTIVE = 'Status: active\nLogging: on (low)\nDefault: deny (incoming), allow (outgoing), disabled (routed)\n';
  const RULES = '### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n### tuple ### allow tcp 22 ::/0 any ::/0 in\n';
  it.each<[boolean, Record<string, unknown>, string, string]>([
    [false, { state: 'enabled' }, ACTIVE, ''],
    [true, { state: 'disabled' }, ACTIVE, ''],
    [true, { state: 'enabled' }, 'Status: inactive\n', ''],
    [true, { state: 'reset' }, ACTIVE, ''],
    [false, { logging: 'on' }, ACTIVE, ''],
    [true, { logging: 'high' }, ACTIVE, ''],
    [true, { logging: 'off' }, ACTIVE, ''],
    [false, { policy: 'deny' }, ACTIVE, ''],
    [true, { policy: 'deny', direction: 'outgoing' }, ACTIVE, ''],
    [false, { policy: 'deny', direction: 'routed' }, ACTIVE, ''],
    [
      false,
      { rule: 'allow', port: '22' },
      ACTIVE,
      'Skipping adding existing rule\nSkipping adding existing rule (v6)\n',
    ],
    [
      true,
      { rule: 'allow', port: '23' },
      ACTIVE,
      `*filter\n${RULES}### tuple ### allow any 23 0.0.0.0/0 any 0.0.0.0/0 in\n`,
    ],
    [false, { rule: 'allow', port: '22', from: '0.0.0.0/0' }, ACTIVE, `${RULES.split('\n')[0] ?? ''}\n`],
    [
      true,
      { rule: 'allow', port: '22', from: '2001:db8::/32' },
      ACTIVE,
      '### tuple ### allow any 22 ::/0 any 2001:db8::/32 in\n',
    ],
  ])('foretells %s for %j', (changed, written, state, dry) => {
    const given = steps(written, true);
    expect(
      lines(given)
        .filter((line) => !['rules', 'ufw status verbose'].includes(line))
        .every((line) => line.startsWith('ufw --dry-run ')),
    ).toBe(true);
    expect(ufw.parse(args(written), answered(given, [RULES, state, dry]), none).changed).toBe(changed);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ port: '22' }, 'one of the following is required'],
    [{ rule: 'allow', name: 'x', proto: 'tcp' }, 'mutually exclusive: name|proto|logging'],
    [{ rule: 'allow', interface: 'eth0' }, "required by 'interface'"],
    [{ rule: 'allow', direction: 'in', interface_in: 'eth0' }, 'mutually exclusive: direction|interface_in'],
    [{ policy: 'deny', direction: 'in' }, 'For default, direction'],
    [{ rule: 'deny', direction: 'incoming' }, 'For rules, direction'],
    [{ rule: 'deny', interface_in: 'a', interface_out: 'b' }, 'Only route rules'],
  ])('refuses %j', (written, message) => {
    expect(() => args(written)).toThrow(message);
  });
});

describe('seport', () => {
  const listed = parsePorts(
    {
      rc: 0,
      stdout: Buffer.from(
        'http_port_t                    tcp      80, 81, 443, 9000\nhttp_port_t    udp   80\nssh_port_t                     tcp      22\nunreserved_port_t              tcp      61001-65535, 1024-32767\n',
      ),
      stderr: Buffer.alloc(0),
    },
    'tcp',
  );
  const planned = (written: Record<string, unknown>, ports = listed): string[] | string => {
    const given = parseArgs(seport, { proto: 'tcp', setype: 'http_port_t', ...written }) as never;
    const plan = seport.plan(given, { ports }, basics);
    if (!('after' in plan)) return 'failed' in plan ? (plan.failed ?? '') : '';
    const after = { ports, ...plan.after };
    // Planned on what it planned, it has nothing more to do.
    expect(seport.plan(given, after as never, basics)).toEqual({ after: {} });
    return seport
      .apply(given, { before: { ports }, after: after as never, effects: [] }, basics)
      .map((step) => (step.kind === 'run' ? step.argv.slice(2).join(' ') : step.kind));
  };
  it('adds, gives over and removes ports, and leaves those that are as wanted', () => {
    expect(planned({ ports: [80, '443'] })).toEqual([]);
    expect(planned({ ports: '8080,22', reload: false })).toEqual([
      'semanage port -N -a -t http_port_t -p tcp 8080',
      'semanage port -N -m -t http_port_t -p tcp 22',
    ]);
    expect(planned({ ports: ['81', '10000-10100'], state: 'absent' })).toEqual(['semanage port -d -p tcp 81']);
    expect(
      planned(
        { ports: '80', state: 'absent', proto: 'udp' },
        parsePorts(
          { rc: 0, stdout: Buffer.from('http_port_t udp 80\nhttp_port_t tcp 80\n'), stderr: Buffer.alloc(0) },
          'udp',
        ),
      ),
    ).toEqual(['semanage port -d -p udp 80']);
  });
  it('fails without SELinux and its tools, unless it may be off', () => {
    const said = (text: string) => parsePorts({ rc: 0, stdout: Buffer.from(text), stderr: Buffer.alloc(0) }, 'tcp');
    expect(planned({ ports: '80' }, said('disabled\n'))).toBe('SELinux is disabled on this host.');
    expect(planned({ ports: '80' }, said('missing\n'))).toBe('semanage is not on this host');
    expect(planned({ ports: '80', ignore_selinux_state: true }, said('disabled\n'))).toEqual([]);
  });
});
