// What goes wrong on real hosts: each fault is told clearly, harms nobody else, and leaves nothing half-done. On u1 and u2 of the lab.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type HostEnd, HOUR, lab, play as playOnLab, type Played, withoutLab } from './on-lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbx-faults-'));
const state = join(folder, 'state');
const onHost = async (host: string, command: string): Promise<string> =>
  (await lab(state, ['ssh', host, command])).stdout.trim();

/** Plays tasks (YAML below `tasks:`) on hosts. */
function play(
  hosts: string,
  tasks: string,
  options: readonly string[] = [],
  inventory = join(folder, 'inventory.yml'),
): Promise<Played> {
  const file = join(folder, 'play.yml');
  writeFileSync(file, `- hosts: "${hosts}"\n  gather_facts: false\n  tasks:\n${tasks.replace(/^/gm, '    ')}\n`);
  return playOnLab(state, 'dist/main.js', [file, '-i', inventory, ...options]);
}
const outcome = (ends: readonly HostEnd[], host: string, name: string): string | undefined =>
  ends.find((end) => end.host === host && end.name === name)?.kind;

beforeAll(async () => {
  if (withoutLab) return;
  await boot(state, ['up', 'u1', 'u2']);
  writeFileSync(join(folder, 'inventory.yml'), (await lab(state, ['inventory'])).stdout);
}, HOUR);
afterAll(async () => {
  if (withoutLab) return;
  await lab(state, ['link', 'u1', 'up']);
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(withoutLab)('faults on a host', () => {
  it(
    'goes on behind a command that leaves a daemon behind',
    async () => {
      const { exit, ends, text } = await play(
        'u1',
        '- {name: daemon, ansible.builtin.shell: "sleep 7777 & echo started"}\n- {name: after, ansible.builtin.command: echo here}',
      );
      expect({ exit, kinds: ends.map((end) => end.kind) }, text).toEqual({ exit: 0, kinds: ['changed', 'changed'] });
      expect(ends[0]?.result['stdout']).toBe('started');
      expect(ends[1]?.result['stdout']).toBe('here');
      await onHost('u1', 'pkill -f "sleep 7777"');
    },
    HOUR,
  );

  it(
    'keeps an output of 100 MB from filling the memory, and says that it was cut',
    async () => {
      const { exit, ends, text } = await play(
        'u1',
        '- {name: flood, ansible.builtin.shell: "head -c 100000000 /dev/zero | tr \'\\\\0\' x"}\n- {name: after, ansible.builtin.command: echo here}',
      );
      expect({ exit, after: outcome(ends, 'u1', 'after') }, text).toEqual({ exit: 0, after: 'changed' });
      const length = String(ends[0]?.result['stdout']).length;
      expect(length).toBeGreaterThan(1_000_000);
      expect(length).toBeLessThan(20_000_000);
    },
    HOUR,
  );

  it(
    'leaves the old file and no remains when the disk is full',
    async () => {
      await onHost(
        'u1',
        'mkdir -p /mnt/small && mount -t tmpfs -o size=256k tmpfs /mnt/small && echo old > /mnt/small/file',
      );
      writeFileSync(join(folder, 'large'), Buffer.alloc(2_000_000, 'y'));
      const { exit, ends } = await play(
        'u1',
        `- {name: too large, ansible.builtin.copy: {src: ${join(folder, 'large')}, dest: /mnt/small/file}}`,
      );
      expect(exit).toBe(2);
      expect(JSON.stringify(ends[0]?.result)).toMatch(/[Nn]o space left/);
      expect(await onHost('u1', 'cat /mnt/small/file; ls -A /mnt/small; umount /mnt/small')).toBe('old\nfile');
    },
    HOUR,
  );

  it(
    'asks nothing of an automount that hangs',
    async () => {
      await onHost(
        'u1',
        "systemctl unmask autofs; printf '#!/bin/sh\\nsleep 900\\n' > /etc/auto.hang; chmod 755 /etc/auto.hang; printf '/hang /etc/auto.hang\\n' > /etc/auto.master; systemctl restart autofs",
      );
      const { exit, text } = await play(
        'u1',
        '- {name: facts, ansible.builtin.setup: }\n- {name: conf, ansible.builtin.copy: {dest: /tmp/conf, content: x}}\n- {name: below, ansible.builtin.stat: {path: /hang/here}, timeout: 20, ignore_errors: true, ignore_unreachable: true}\n- {name: after, ansible.builtin.command: echo here}',
      );
      expect(exit, text).toBe(0);
      await onHost('u1', 'systemctl stop autofs; rm -f /etc/auto.hang /tmp/conf');
    },
    HOUR,
  );

  it(
    'tells a wrong become password as that, and takes the right one where sudo wants a terminal',
    async () => {
      const inventory = join(folder, 'ops.yml');
      writeFileSync(
        inventory,
        readFileSync(join(folder, 'inventory.yml'), 'utf8').replace('ansible_user: root', 'ansible_user: ops'),
      );
      const wrong = await play(
        'u2',
        '- {name: who, ansible.builtin.command: id -un}',
        ['-b', '-e', 'ansible_become_password=wrong'],
        inventory,
      );
      expect(wrong.exit).toBe(2);
      expect(String(wrong.ends[0]?.result['msg'])).toMatch(/password/i);
      expect(JSON.stringify(wrong)).not.toContain('"wrong"');
      const right = await play(
        'u2',
        '- {name: who, ansible.builtin.command: id -un}\n- {name: file, ansible.builtin.copy: {dest: /root/by-ops, content: "x\\n"}}',
        ['-b', '-e', 'ansible_become_password=lab-pw'],
        inventory,
      );
      expect({ exit: right.exit, who: right.ends[0]?.result['stdout'] }, right.text).toEqual({ exit: 0, who: 'root' });
    },
    HOUR,
  );

  it(
    'stops at a changed host key',
    async () => {
      const inventory = join(folder, 'forged.yml');
      const known = join(folder, 'known_hosts');
      writeFileSync(
        known,
        `10.77.0.11 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDnAAeAB0WQlZxkb8C6MUQwGjpE2iTz2pZ3LmP2bMZrf\n`,
      );
      writeFileSync(
        inventory,
        readFileSync(join(folder, 'inventory.yml'), 'utf8').replace(
          /UserKnownHostsFile=\S+/,
          `UserKnownHostsFile=${known}`,
        ),
      );
      const { exit, ends } = await play('u1', '- {name: ping, ansible.builtin.ping: }', [], inventory);
      expect(exit).toBe(4);
      expect(String(ends[0]?.result['msg'])).toMatch(/host key/i);
    },
    HOUR,
  );

  it(
    'goes on with the others when a host is gone',
    async () => {
      await lab(state, ['link', 'u1', 'down']);
      const { exit, ends } = await play(
        'u1,u2',
        '- {name: ping, ansible.builtin.ping: }\n- {name: after, ansible.builtin.command: echo here}',
        ['-T', '5'],
      );
      await lab(state, ['link', 'u1', 'up']);
      expect({ exit, gone: outcome(ends, 'u1', 'ping'), there: outcome(ends, 'u2', 'after') }).toEqual({
        exit: 4,
        gone: 'unreachable',
        there: 'changed',
      });
    },
    HOUR,
  );

  it(
    'repairs what was changed by hand',
    async () => {
      const tasks = '- {name: conf, ansible.builtin.copy: {dest: /etc/vbx-drift, content: "a\\n", mode: "0640"}}';
      expect((await play('u1', tasks)).ends[0]?.kind).toBe('changed');
      expect((await play('u1', tasks)).ends[0]?.kind).toBe('ok');
      await onHost('u1', 'echo drift >> /etc/vbx-drift; chmod 666 /etc/vbx-drift');
      expect((await play('u1', tasks, ['--check'])).ends[0]?.kind).toBe('changed');
      expect((await play('u1', tasks)).ends[0]?.kind).toBe('changed');
      expect(await onHost('u1', 'stat -c %a /etc/vbx-drift; cat /etc/vbx-drift; rm /etc/vbx-drift')).toBe('640\na');
    },
    HOUR,
  );
});

describe.skipIf(withoutLab)('many hosts at once', () => {
  it(
    'loses none of 100 to a server that drops bursts of connections',
    async () => {
      const start = await lab(state, ['scale-sshd', 'start', '--default-limits']);
      expect(start.status, start.stderr).toBe(0);
      const inventory = join(folder, 'scale.yml');
      writeFileSync(inventory, (await lab(state, ['inventory', 'scale', '100'])).stdout);
      const { exit, ends, text } = await play('all', '- {name: ping, ansible.builtin.ping: }', [], inventory);
      await lab(state, ['scale-sshd', 'stop']);
      expect({ exit, ok: ends.filter((end) => end.kind === 'ok').length }, text).toEqual({ exit: 0, ok: 100 });
    },
    HOUR,
  );
});
