import { expect, test } from 'vitest';
import { resolveModule } from '../../src/modules/registry.ts';
import { COMMON, moduleElsewhere, NAMESAKES } from '../../src/playbook/lacked-modules.ts';

const elsewhere = (name: string): string | undefined => moduleElsewhere(name, (full) => resolveModule(full).nearest);

test.each([
  ['of any collection', 'other.thing.odd', 'other.thing.odd'],
  [
    'that is nearly one of vbx, and is another',
    'community.docker.docker_image_push',
    'community.docker.docker_image_push',
  ],
  ['that is so in its short form', 'postgresql_idx', 'community.postgresql.postgresql_idx'],
  ['of a device family', 'nxos_vlans', 'cisco.nxos.nxos_vlans'],
  ['of a cloud', 'hcloud_server', 'hetzner.hcloud.hcloud_server'],
  ['of community.general, in its short form', 'cloudflare_dns', 'community.general.cloudflare_dns'],
  ['of cron, in its short form', 'cronvar', 'community.general.cronvar'],
  ['as if core had it', 'ansible.builtin.pkgng', 'community.general.pkgng'],
  ['that is a slip in one of vbx', 'community.docker.docker_image_pul', undefined],
  ['that is a slip in a short one', 'docker_imag', undefined],
  ['of core', 'ansible.builtin.odd', undefined],
  ['of nothing', 'odd_stranger', undefined],
])('takes a name for that of a module that a collection may have: one %s', (_, name, full) => {
  expect(elsewhere(name)).toBe(full);
});

test('lists no module that vbx has', () => {
  const listed = [...NAMESAKES, ...[...COMMON].map((short) => `community.general.${short}`)];
  expect(listed.filter((full) => resolveModule(full).canonical !== undefined)).toEqual([]);
});
