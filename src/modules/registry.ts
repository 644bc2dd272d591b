// All modules by canonical name, each imported when it is first used, and the names that playbooks may call them by.
import type { Module } from '../core/module.ts';
import { nearest } from '../core/nearest.ts';

/** Canonical name -> the module. One line each, alphabetical. */
export const MODULES: Readonly<Record<string, () => Promise<Module>>> = {
  'ansible.builtin.add_host': () => import('./add_host.ts').then(({ add_host }) => add_host),
  'ansible.builtin.apt': () => import('./apt.ts').then(({ apt }) => apt),
  'ansible.builtin.apt_key': () => import('./apt_key.ts').then(({ apt_key }) => apt_key),
  'ansible.builtin.apt_repository': () => import('./apt_repository.ts').then(({ apt_repository }) => apt_repository),
  'ansible.builtin.assemble': () => import('./assemble.ts').then(({ assemble }) => assemble),
  'ansible.builtin.assert': () => import('./assert.ts').then(({ assert }) => assert),
  'ansible.builtin.async_status': () => import('./async_status.ts').then(({ async_status }) => async_status),
  'ansible.builtin.blockinfile': () => import('./blockinfile.ts').then(({ blockinfile }) => blockinfile),
  'ansible.builtin.command': () => import('./command.ts').then(({ command }) => command),
  'ansible.builtin.copy': () => import('./copy.ts').then(({ copy }) => copy),
  'ansible.builtin.cron': () => import('./cron.ts').then(({ cron }) => cron),
  'ansible.builtin.deb822_repository': () =>
    import('./deb822_repository.ts').then(({ deb822_repository }) => deb822_repository),
  'ansible.builtin.debconf': () => import('./debconf.ts').then(({ debconf }) => debconf),
  'ansible.builtin.debug': () => import('./debug.ts').then(({ debug }) => debug),
  'ansible.builtin.dnf': () => import('./dnf.ts').then(({ dnf }) => dnf),
  'ansible.builtin.dpkg_selections': () =>
    import('./dpkg_selections.ts').then(({ dpkg_selections }) => dpkg_selections),
  'ansible.builtin.expect': () => import('./expect.ts').then(({ expect }) => expect),
  'ansible.builtin.fail': () => import('./fail.ts').then(({ fail }) => fail),
  'ansible.builtin.fetch': () => import('./fetch.ts').then(({ fetch }) => fetch),
  'ansible.builtin.file': () => import('./file.ts').then(({ file }) => file),
  'ansible.builtin.find': () => import('./find.ts').then(({ find }) => find),
  'ansible.builtin.gather_facts': () => import('./gather_facts.ts').then(({ gather_facts }) => gather_facts),
  'ansible.builtin.get_url': () => import('./get_url.ts').then(({ get_url }) => get_url),
  'ansible.builtin.getent': () => import('./getent.ts').then(({ getent }) => getent),
  'ansible.builtin.git': () => import('./git.ts').then(({ git }) => git),
  'ansible.builtin.group': () => import('./group.ts').then(({ group }) => group),
  'ansible.builtin.group_by': () => import('./group_by.ts').then(({ group_by }) => group_by),
  'ansible.builtin.hostname': () => import('./hostname.ts').then(({ hostname }) => hostname),
  'ansible.builtin.import_playbook': () =>
    import('./import_playbook.ts').then(({ import_playbook }) => import_playbook),
  'ansible.builtin.import_role': () => import('./import_role.ts').then(({ import_role }) => import_role),
  'ansible.builtin.import_tasks': () => import('./import_tasks.ts').then(({ import_tasks }) => import_tasks),
  'ansible.builtin.include_role': () => import('./include_role.ts').then(({ include_role }) => include_role),
  'ansible.builtin.include_tasks': () => import('./include_tasks.ts').then(({ include_tasks }) => include_tasks),
  'ansible.builtin.include_vars': () => import('./include_vars.ts').then(({ include_vars }) => include_vars),
  'ansible.builtin.iptables': () => import('./iptables.ts').then(({ iptables }) => iptables),
  'ansible.builtin.known_hosts': () => import('./known_hosts.ts').then(({ known_hosts }) => known_hosts),
  'ansible.builtin.lineinfile': () => import('./lineinfile.ts').then(({ lineinfile }) => lineinfile),
  'ansible.builtin.meta': () => import('./meta.ts').then(({ meta }) => meta),
  'ansible.builtin.mount_facts': () => import('./mount_facts.ts').then(({ mount_facts }) => mount_facts),
  'ansible.builtin.package': () => import('./package.ts').then(({ packageModule }) => packageModule),
  'ansible.builtin.package_facts': () => import('./package_facts.ts').then(({ package_facts }) => package_facts),
  'ansible.builtin.pause': () => import('./pause.ts').then(({ pause }) => pause),
  'ansible.builtin.ping': () => import('./ping.ts').then(({ ping }) => ping),
  'ansible.builtin.pip': () => import('./pip.ts').then(({ pip }) => pip),
  'ansible.builtin.raw': () => import('./raw.ts').then(({ raw }) => raw),
  'ansible.builtin.reboot': () => import('./reboot.ts').then(({ reboot }) => reboot),
  'ansible.builtin.replace': () => import('./replace.ts').then(({ replace }) => replace),
  'ansible.builtin.rpm_key': () => import('./rpm_key.ts').then(({ rpm_key }) => rpm_key),
  'ansible.builtin.script': () => import('./script.ts').then(({ script }) => script),
  'ansible.builtin.service': () => import('./service.ts').then(({ service }) => service),
  'ansible.builtin.service_facts': () => import('./service_facts.ts').then(({ service_facts }) => service_facts),
  'ansible.builtin.set_fact': () => import('./set_fact.ts').then(({ set_fact }) => set_fact),
  'ansible.builtin.set_stats': () => import('./set_stats.ts').then(({ set_stats }) => set_stats),
  'ansible.builtin.setup': () => import('./setup.ts').then(({ setup }) => setup),
  'ansible.builtin.shell': () => import('./shell.ts').then(({ shell }) => shell),
  'ansible.builtin.slurp': () => import('./slurp.ts').then(({ slurp }) => slurp),
  'ansible.builtin.stat': () => import('./stat.ts').then(({ stat }) => stat),
  'ansible.builtin.subversion': () => import('./subversion.ts').then(({ subversion }) => subversion),
  'ansible.builtin.systemd_service': () =>
    import('./systemd_service.ts').then(({ systemd_service }) => systemd_service),
  'ansible.builtin.sysvinit': () => import('./sysvinit.ts').then(({ sysvinit }) => sysvinit),
  'ansible.builtin.tempfile': () => import('./tempfile.ts').then(({ tempfile }) => tempfile),
  'ansible.builtin.template': () => import('./template.ts').then(({ template }) => template),
  'ansible.builtin.unarchive': () => import('./unarchive.ts').then(({ unarchive }) => unarchive),
  'ansible.builtin.uri': () => import('./uri.ts').then(({ uri }) => uri),
  'ansible.builtin.user': () => import('./user.ts').then(({ user }) => user),
  'ansible.builtin.validate_argument_spec': () =>
    import('./validate_argument_spec.ts').then(({ validate_argument_spec }) => validate_argument_spec),
  'ansible.builtin.wait_for': () => import('./wait_for.ts').then(({ wait_for }) => wait_for),
  'ansible.builtin.wait_for_connection': () =>
    import('./wait_for_connection.ts').then(({ wait_for_connection }) => wait_for_connection),
  'ansible.builtin.yum_repository': () => import('./yum_repository.ts').then(({ yum_repository }) => yum_repository),
  'ansible.posix.acl': () => import('./acl.ts').then(({ acl }) => acl),
  'ansible.posix.authorized_key': () => import('./authorized_key.ts').then(({ authorized_key }) => authorized_key),
  'ansible.posix.firewalld': () => import('./firewalld.ts').then(({ firewalld }) => firewalld),
  'ansible.posix.mount': () => import('./mount.ts').then(({ mount }) => mount),
  'ansible.posix.seboolean': () => import('./seboolean.ts').then(({ seboolean }) => seboolean),
  'ansible.posix.selinux': () => import('./selinux.ts').then(({ selinux }) => selinux),
  'ansible.posix.synchronize': () => import('./synchronize.ts').then(({ synchronize }) => synchronize),
  'ansible.posix.sysctl': () => import('./sysctl.ts').then(({ sysctl }) => sysctl),
  'community.crypto.get_certificate': () =>
    import('./get_certificate.ts').then(({ get_certificate }) => get_certificate),
  'community.crypto.openssh_keypair': () =>
    import('./openssh_keypair.ts').then(({ openssh_keypair }) => openssh_keypair),
  'community.crypto.openssl_csr': () => import('./openssl_csr.ts').then(({ openssl_csr }) => openssl_csr),
  'community.crypto.openssl_csr_info': () =>
    import('./openssl_csr_info.ts').then(({ openssl_csr_info }) => openssl_csr_info),
  'community.crypto.openssl_csr_pipe': () =>
    import('./openssl_csr_pipe.ts').then(({ openssl_csr_pipe }) => openssl_csr_pipe),
  'community.crypto.openssl_dhparam': () =>
    import('./openssl_dhparam.ts').then(({ openssl_dhparam }) => openssl_dhparam),
  'community.crypto.openssl_privatekey': () =>
    import('./openssl_privatekey.ts').then(({ openssl_privatekey }) => openssl_privatekey),
  'community.crypto.openssl_privatekey_info': () =>
    import('./openssl_privatekey_info.ts').then(({ openssl_privatekey_info }) => openssl_privatekey_info),
  'community.crypto.openssl_publickey': () =>
    import('./openssl_publickey.ts').then(({ openssl_publickey }) => openssl_publickey),
  'community.crypto.x509_certificate': () =>
    import('./x509_certificate.ts').then(({ x509_certificate }) => x509_certificate),
  'community.crypto.x509_certificate_info': () =>
    import('./x509_certificate_info.ts').then(({ x509_certificate_info }) => x509_certificate_info),
  'community.docker.docker_container': () =>
    import('./docker_container.ts').then(({ docker_container }) => docker_container),
  'community.docker.docker_container_exec': () =>
    import('./docker_container_exec.ts').then(({ docker_container_exec }) => docker_container_exec),
  'community.docker.docker_container_info': () =>
    import('./docker_container_info.ts').then(({ docker_container_info }) => docker_container_info),
  'community.docker.docker_host_info': () =>
    import('./docker_host_info.ts').then(({ docker_host_info }) => docker_host_info),
  'community.docker.docker_image': () => import('./docker_image.ts').then(({ docker_image }) => docker_image),
  'community.docker.docker_image_build': () =>
    import('./docker_image_build.ts').then(({ docker_image_build }) => docker_image_build),
  'community.docker.docker_image_info': () =>
    import('./docker_image_info.ts').then(({ docker_image_info }) => docker_image_info),
  'community.docker.docker_image_pull': () =>
    import('./docker_image_pull.ts').then(({ docker_image_pull }) => docker_image_pull),
  'community.docker.docker_image_tag': () =>
    import('./docker_image_tag.ts').then(({ docker_image_tag }) => docker_image_tag),
  'community.docker.docker_login': () => import('./docker_login.ts').then(({ docker_login }) => docker_login),
  'community.docker.docker_network': () => import('./docker_network.ts').then(({ docker_network }) => docker_network),
  'community.docker.docker_network_info': () =>
    import('./docker_network_info.ts').then(({ docker_network_info }) => docker_network_info),
  'community.docker.docker_prune': () => import('./docker_prune.ts').then(({ docker_prune }) => docker_prune),
  'community.docker.docker_volume': () => import('./docker_volume.ts').then(({ docker_volume }) => docker_volume),
  'community.docker.docker_volume_info': () =>
    import('./docker_volume_info.ts').then(({ docker_volume_info }) => docker_volume_info),
  'community.general.alternatives': () => import('./alternatives.ts').then(({ alternatives }) => alternatives),
  'community.general.apache2_module': () => import('./apache2_module.ts').then(({ apache2_module }) => apache2_module),
  'community.general.apk': () => import('./apk.ts').then(({ apk }) => apk),
  'community.general.archive': () => import('./archive.ts').then(({ archive }) => archive),
  'community.general.capabilities': () => import('./capabilities.ts').then(({ capabilities }) => capabilities),
  'community.general.dpkg_divert': () => import('./dpkg_divert.ts').then(({ dpkg_divert }) => dpkg_divert),
  'community.general.filesystem': () => import('./filesystem.ts').then(({ filesystem }) => filesystem),
  'community.general.gem': () => import('./gem.ts').then(({ gem }) => gem),
  'community.general.git_config': () => import('./git_config.ts').then(({ git_config }) => git_config),
  'community.general.htpasswd': () => import('./htpasswd.ts').then(({ htpasswd }) => htpasswd),
  'community.general.ini_file': () => import('./ini_file.ts').then(({ ini_file }) => ini_file),
  'community.general.locale_gen': () => import('./locale_gen.ts').then(({ locale_gen }) => locale_gen),
  'community.general.lvol': () => import('./lvol.ts').then(({ lvol }) => lvol),
  'community.general.make': () => import('./make.ts').then(({ make }) => make),
  'community.general.modprobe': () => import('./modprobe.ts').then(({ modprobe }) => modprobe),
  'community.general.npm': () => import('./npm.ts').then(({ npm }) => npm),
  'community.general.pacman': () => import('./pacman.ts').then(({ pacman }) => pacman),
  'community.general.pam_limits': () => import('./pam_limits.ts').then(({ pam_limits }) => pam_limits),
  'community.general.pamd': () => import('./pamd.ts').then(({ pamd }) => pamd),
  'community.general.seport': () => import('./seport.ts').then(({ seport }) => seport),
  'community.general.sudoers': () => import('./sudoers.ts').then(({ sudoers }) => sudoers),
  'community.general.timezone': () => import('./timezone.ts').then(({ timezone }) => timezone),
  'community.general.ufw': () => import('./ufw.ts').then(({ ufw }) => ufw),
  'community.general.xattr': () => import('./xattr.ts').then(({ xattr }) => xattr),
  'community.general.zypper': () => import('./zypper.ts').then(({ zypper }) => zypper),
  'community.mysql.mysql_db': () => import('./mysql_db.ts').then(({ mysql_db }) => mysql_db),
  'community.mysql.mysql_info': () => import('./mysql_info.ts').then(({ mysql_info }) => mysql_info),
  'community.mysql.mysql_user': () => import('./mysql_user.ts').then(({ mysql_user }) => mysql_user),
  'community.mysql.mysql_variables': () =>
    import('./mysql_variables.ts').then(({ mysql_variables }) => mysql_variables),
  'community.postgresql.postgresql_db': () => import('./postgresql_db.ts').then(({ postgresql_db }) => postgresql_db),
  'community.postgresql.postgresql_ext': () =>
    import('./postgresql_ext.ts').then(({ postgresql_ext }) => postgresql_ext),
  'community.postgresql.postgresql_privs': () =>
    import('./postgresql_privs.ts').then(({ postgresql_privs }) => postgresql_privs),
  'community.postgresql.postgresql_user': () =>
    import('./postgresql_user.ts').then(({ postgresql_user }) => postgresql_user),
  'vbx.vobox.docker_daemon': () => import('./vobox/docker_daemon.ts').then(({ docker_daemon }) => docker_daemon),
  'vbx.vobox.flat_image': () => import('./vobox/flat_image.ts').then(({ flat_image }) => flat_image),
  'vbx.vobox.macvlan': () => import('./vobox/macvlan.ts').then(({ macvlan }) => macvlan),
  'vbx.vobox.open_files': () => import('./vobox/open_files.ts').then(({ open_files }) => open_files),
};

/** Further names -> canonical name, for modules that were renamed (equal to `aliases` of the module, which a test checks). One line each, alphabetical. */
export const ALIASES: Readonly<Record<string, string>> = {
  'ansible.builtin.dnf5': 'ansible.builtin.dnf',
  'ansible.builtin.systemd': 'ansible.builtin.systemd_service',
  'ansible.builtin.yum': 'ansible.builtin.dnf',
  'community.crypto.openssl_certificate': 'community.crypto.x509_certificate',
  'community.crypto.openssl_certificate_info': 'community.crypto.x509_certificate_info',
};

/** Collections whose modules Ansible also finds by short name, in the order of search. */
const SHORT = [
  'ansible.builtin',
  'ansible.posix',
  'community.general',
  'community.docker',
  'community.crypto',
  'community.mysql',
  'community.postgresql',
];

export type ResolvedModule =
  | { readonly canonical: string; readonly nearest?: undefined }
  | { readonly canonical?: undefined; readonly nearest: string | undefined };

/**
 * The canonical name that `name` means: fully qualified, short (searched in `collections` of the play, then where Ansible keeps short names), or a name from
 * before a module moved (`ansible.builtin.ini_file`, `community.general.docker_container`). Otherwise the nearest known name, as the user would write it.
 */
export function resolveModule(name: string, collections: readonly string[] = []): ResolvedModule {
  for (const full of candidates(name, collections)) {
    const canonical = ALIASES[full] ?? full;
    if (Object.hasOwn(MODULES, canonical)) return { canonical };
  }
  // Asked of every key of a task to find its action: the nearest name is only looked for when somebody reads it.
  return {
    get nearest() {
      return nearestModule(name);
    },
  };
}

function candidates(name: string, collections: readonly string[]): string[] {
  if (!name.includes('.')) return [...collections, ...SHORT].map((collection) => `${collection}.${name}`);
  const short = name.slice(name.lastIndexOf('.') + 1);
  const moved =
    name.startsWith('ansible.builtin.') || name.startsWith('ansible.legacy.')
      ? SHORT
      : name.startsWith('community.general.')
        ? ['community.docker', 'community.mysql', 'community.postgresql', 'ansible.posix']
        : [];
  // The collection has another name since its version 5.
  const renamed = name.startsWith('ansible.mysql.') ? ['community.mysql'] : moved;
  return [name, ...renamed.map((collection) => `${collection}.${short}`)];
}

function nearestModule(name: string): string | undefined {
  const full = [...Object.keys(MODULES), ...Object.keys(ALIASES)];
  if (name.includes('.')) return nearest(name, full);
  return nearest(
    name,
    full
      .filter((known) => SHORT.some((collection) => known.startsWith(`${collection}.`)))
      .map((known) => known.slice(known.lastIndexOf('.') + 1)),
  );
}
