// Facts about virtualisation: what the host runs in and what it hosts, by the traces that Ansible looks for.
import { firstLine, linesOf, type Sections } from './sections.ts';

export function virtualFacts(sections: Sections): Record<string, unknown> {
  const guest = new Set<string>();
  const host = new Set<string>();
  let found: { readonly type: string; readonly role: string } | undefined;
  const as = (role: 'guest' | 'host', type: string, tech = type) => {
    (role === 'guest' ? guest : host).add(tech);
    found ??= { type, role };
  };

  for (const line of linesOf(sections, 'cgroup1')) {
    if (/\/docker(\/|-[0-9a-f]+\.scope)/.test(line)) as('guest', 'docker');
    if (/\/lxc\/|\/machine\.slice\/machine-lxc/.test(line)) as('guest', 'lxc');
    if (/\/system\.slice\/containerd\.service/.test(line)) as('guest', 'containerd');
  }
  for (const line of linesOf(sections, 'container')) {
    if (line.includes('container=lxc')) as('guest', 'lxc');
    if (line.includes('container=podman')) as('guest', 'podman');
    as('guest', 'container');
  }
  const vz = linesOf(sections, 'vz');
  if (vz.includes('vz')) as(vz.includes('bc') ? 'host' : 'guest', 'openvz');
  const systemd = firstLine(sections, 'systemd-container');
  if (systemd !== undefined && systemd !== '') as('guest', systemd);
  if (firstLine(sections, 'dockerenv') === 'yes') as('guest', 'docker');
  if (['docker', 'lxc', 'podman', 'openvz', 'containerd'].some((tech) => guest.has(tech)) || (systemd ?? '') !== '')
    guest.add('container');
  if (linesOf(sections, 'xen').length > 0) {
    if (linesOf(sections, 'xen-capabilities').some((line) => line.includes('control_d'))) as('host', 'xen');
    else found ??= { type: 'xen', role: 'guest' };
  }

  const dmi = (name: string) => firstLine(sections, `dmi:${name}`) ?? '';
  const product = dmi('product_name');
  const vendor = dmi('sys_vendor');
  const bios = dmi('bios_vendor');
  if (['KVM', 'KVM Server', 'Bochs', 'AHV'].includes(product)) as('guest', 'kvm');
  if (vendor === 'oVirt') as('guest', 'oVirt');
  if (vendor === 'Red Hat' && dmi('product_family') === 'RHV') as('guest', 'RHV');
  else if (vendor === 'Red Hat' && product === 'RHEV Hypervisor') as('guest', 'RHEV');
  if (product.startsWith('VMware')) as('guest', 'VMware');
  if (product === 'OpenStack Compute' || product === 'OpenStack Nova') as('guest', 'openstack');
  if (bios === 'Xen') as('guest', 'xen');
  if (bios === 'innotek GmbH') as('guest', 'virtualbox');
  if (['Amazon EC2', 'DigitalOcean', 'Hetzner'].includes(bios)) as('guest', 'kvm');
  if (['QEMU', 'Amazon EC2', 'DigitalOcean', 'Google', 'Scaleway', 'Nutanix'].includes(vendor)) as('guest', 'kvm');
  if (vendor === 'KubeVirt') as('guest', 'KubeVirt');
  if (vendor === 'Microsoft Corporation') as('guest', 'VirtualPC');
  if (vendor === 'Parallels Software International Inc.') as('guest', 'parallels');
  if (vendor === 'OpenStack Foundation') as('guest', 'openstack');

  for (const line of linesOf(sections, 'cpuinfo')) {
    if (/^model name.*QEMU Virtual CPU/.test(line) || /^machine.*CHRP IBM pSeries .emulated by qemu./.test(line))
      as('guest', 'kvm');
    else if (/^vendor_id.*User Mode Linux/.test(line) || /^model name.*UML/.test(line)) as('guest', 'uml');
    else if (/^vendor_id.*PowerVM Lx86/.test(line)) as('guest', 'powervm_lx86');
    else if (/^vendor_id.*IBM\/S390/.test(line)) {
      guest.add('PR/SM');
      found ??= { type: 'PR/SM', role: 'LPAR' };
    }
  }
  const modules = linesOf(sections, 'virt-modules');
  if (modules.includes('kvm')) as('host', 'kvm');
  if (modules.includes('vboxdrv')) as('host', 'virtualbox');
  if (modules.includes('virtio') && !modules.includes('kvm')) as('guest', 'kvm');
  return {
    virtualization_type: found?.type ?? 'NA',
    virtualization_role: found?.role ?? 'NA',
    virtualization_tech_guest: [...guest].sort(),
    virtualization_tech_host: [...host].sort(),
  };
}
