// Every module's own example on a real host without Python: foretold by a dry run, done, and then found to be done. On u3 of the lab.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { MODULES } from '../../src/modules/registry.ts';
import { boot, type HostEnd, HOUR, lab, play as playOnLab, withoutLab } from './on-lab.ts';

const host = 'u3';
const folder = mkdtempSync(join(tmpdir(), 'vbx-examples-'));
const state = join(folder, 'state');

/** Modules whose example cannot say anything on a Debian host without a way out, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'ansible.builtin.dnf': 'a Red Hat host',
  'ansible.builtin.rpm_key': 'a Red Hat host',
  'ansible.builtin.git': 'git, which the host has not',
  'ansible.builtin.subversion': 'svn, which the host has not',
  'ansible.posix.acl': 'the acl tools, which the host has not',
  'ansible.posix.firewalld': 'firewalld',
  'ansible.posix.seboolean': 'SELinux',
  'ansible.posix.selinux': 'SELinux',
  'ansible.posix.synchronize': 'rsync, which the host has not',
  'ansible.builtin.apt_key': 'apt-key, which Debian 13 has no more',
  'ansible.builtin.pip': 'Python on the host',
  'ansible.builtin.reboot': "a host that may go down (the site's test reboots one)",
  'ansible.builtin.sysvinit': 'an init of its own',
  'ansible.builtin.iptables': 'a kernel with the nat tables of today',
  'community.crypto.openssl_dhparam': 'openssl, which the host has not',
  'community.crypto.openssl_privatekey': 'openssl, which the host has not',
  'community.crypto.openssl_csr': 'openssl, which the host has not',
  'community.crypto.openssl_csr_info': 'openssl, which the host has not',
  'community.crypto.openssl_privatekey_info': 'openssl, which the host has not',
  'community.crypto.openssl_publickey': 'openssl, which the host has not',
  'community.crypto.x509_certificate': 'openssl, which the host has not',
  'community.crypto.x509_certificate_info': 'openssl, which the host has not',
  'community.crypto.get_certificate': 'openssl, which the host has not',
  'community.crypto.openssl_csr_pipe': 'openssl, which the host has not',
  'community.docker.docker_login': 'a registry',
  'community.general.alternatives': 'an alternative to choose',
  'community.general.apache2_module': 'Apache, which the host has not',
  'community.general.apk': 'Alpine',
  'community.general.capabilities': "libcap's tools",
  'community.general.locale_gen': 'the locales package',
  'community.general.pacman': 'Arch',
  'community.general.seport': 'SELinux',
  'community.general.ufw': 'ufw, which the host has not',
  'community.general.xattr': 'the attr tools, which the host has not',
  'community.general.zypper': 'SUSE',
  'community.general.git_config': 'git, which the host has not',
  'community.general.gem': 'Ruby, which the host has not',
  'community.general.filesystem': 'the tools of ext4, which the host has not',
  'community.general.lvol': 'a volume group of LVM',
  'community.general.make': 'make, which the host has not',
  'community.general.npm': 'npm, which the host has not',
  'community.mysql.mysql_db': 'a server of MySQL or MariaDB',
  'community.mysql.mysql_info': 'a server of MySQL or MariaDB',
  'community.mysql.mysql_user': 'a server of MySQL or MariaDB',
  'community.mysql.mysql_variables': 'a server of MySQL or MariaDB',
  'community.postgresql.postgresql_db': 'a server of PostgreSQL',
  'community.postgresql.postgresql_ext': 'a server of PostgreSQL',
  'community.postgresql.postgresql_privs': 'a server of PostgreSQL',
  'community.postgresql.postgresql_user': 'a server of PostgreSQL',
};
type Task = Record<string, unknown>;
const tried = (
  await Promise.all(Object.entries(MODULES).map(async ([name, load]) => ({ name, module: await load() })))
).filter(({ name, module }) => module.kind !== 'control' && ELSEWHERE[name] === undefined);

/** The name of the host's own package of the lab's repository. */
const local = (text: string): string => text.replaceAll('name: hello\n', 'name: vbx-hello\n');

/** One block a module: what it needs, its example, and its example again; a failure ends its block alone. */
function playbook(): Task[] {
  return tried.map(({ name, module }) => {
    const setup = module.exampleSetup === undefined ? [] : (parse(module.exampleSetup) as Task[]);
    const [example = {}] = parse(local(module.example)) as Task[];
    return {
      block: [...setup, { ...example, name: `example ${name}` }, { ...example, name: `again ${name}` }],
      rescue: [{ 'ansible.builtin.debug': { msg: name } }],
    };
  });
}

/** How each task ended, by its name. */
async function play(...options: string[]): Promise<Map<string, HostEnd>> {
  const { ends, text } = await playOnLab(state, 'src/main.ts', [
    join(folder, 'play.yml'),
    '-i',
    join(folder, 'hosts.yml'),
    ...options,
  ]);
  if (ends.length === 0) throw new Error(`the play gave nothing: ${text}`);
  return new Map(ends.map((end) => [end.name, end]));
}
const told = (outcome: HostEnd | undefined): string =>
  outcome === undefined ? 'was not reached' : `${outcome.kind}: ${JSON.stringify(outcome.result).slice(0, 600)}`;

let foretold: Map<string, HostEnd>;
let done: Map<string, HostEnd>;
beforeAll(async () => {
  if (withoutLab) return;
  await boot(state, ['wipe', host], ['up', host]);
  writeFileSync(join(folder, 'hosts.yml'), (await lab(state, ['inventory'])).stdout);
  for (const below of ['files/vbx-image', 'templates']) mkdirSync(join(folder, below), { recursive: true });
  writeFileSync(join(folder, 'templates/greeting.j2'), 'Hello from {{ inventory_hostname }}\n');
  writeFileSync(join(folder, 'files/vbx-image/Dockerfile'), 'ARG BASE\nFROM $BASE\nENV GREETING=hello\n');
  writeFileSync(join(folder, 'files/hello.sh'), '#!/bin/sh\necho "hello $1"\n');
  writeFileSync(
    join(folder, 'play.yml'),
    stringify([{ hosts: host, gather_facts: true, become: true, tasks: playbook() }]),
  );
  foretold = await play('--check', '--diff');
  done = await play();
}, HOUR);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  if (!withoutLab) await lab(state, ['wipe', host]);
}, HOUR);

describe.skipIf(withoutLab).each(tried)('$name', ({ name, module }) => {
  it('does not fail in a dry run', () => {
    const outcome = foretold.get(`example ${name}`);
    expect(['ok', 'changed', 'unknown', 'skipped'], told(outcome)).toContain(outcome?.kind);
  });
  it('does what its example says, once', () => {
    const first = done.get(`example ${name}`);
    expect(['ok', 'changed'], told(first)).toContain(first?.kind);
    const again = done.get(`again ${name}`);
    expect(module.kind === 'state' ? ['ok'] : ['ok', 'changed'], told(again)).toContain(again?.kind);
    // What was foretold as done already was nothing to do.
    if (foretold.get(`example ${name}`)?.kind === 'ok' && module.kind === 'state')
      expect(first?.kind, told(first)).toBe('ok');
  });
});
