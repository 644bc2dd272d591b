// Modules that Ansible's collections have and vbx does not: told from slips of the pen by their names alone, as the collections need not be installed here.
import { editDistance } from '../core/nearest.ts';

/** What the short names of collections' modules begin with; Ansible finds them by these names where the collection is installed. */
const FAMILIES: readonly (readonly [collection: string, prefixes: RegExp])[] = [
  ['ansible.windows', /^win_/],
  ['amazon.aws', /^(aws|cloudformation|cloudwatch|ec2|ecs|elb|iam|lambda|rds|route53|s3)(_|$)/],
  ['azure.azcollection', /^azure_rm_/],
  ['google.cloud', /^(gce|gcp)(_|$)/],
  ['openstack.cloud', /^os_/],
  ['vmware.vmware', /^(vmware|vcenter|vsphere)_/],
  ['kubernetes.core', /^(helm|k8s)(_|$)/],
  ['community.docker', /^docker_/],
  ['community.postgresql', /^postgresql_/],
  ['community.mysql', /^mysql_/],
  ['community.mongodb', /^mongodb_/],
  ['community.rabbitmq', /^rabbitmq_/],
  ['community.zabbix', /^zabbix_/],
  ['community.grafana', /^grafana_/],
  ['community.crypto', /^(acme|openssl|x509)_/],
  ['community.digitalocean', /^digital_ocean(_|$)/],
  ['community.libvirt', /^virt(_|$)/],
  ['community.proxysql', /^proxysql_/],
  ['community.hrobot', /^hetzner_/],
  ['hetzner.hcloud', /^hcloud_/],
  ['openvswitch.openvswitch', /^openvswitch_/],
  ['ovirt.ovirt', /^ovirt_/],
  ['netbox.netbox', /^netbox_/],
  ['awx.awx', /^tower_/],
  ['arista.eos', /^eos_/],
  ['cisco.ios', /^ios_/],
  ['cisco.iosxr', /^iosxr_/],
  ['cisco.nxos', /^nxos_/],
  ['cisco.asa', /^asa_/],
  ['cisco.aci', /^aci_/],
  ['junipernetworks.junos', /^junos_/],
  ['vyos.vyos', /^vyos_/],
  ['f5networks.f5_modules', /^bigi[pq]_/],
  ['fortinet.fortios', /^fortios_/],
  ['netapp.ontap', /^na_ontap_/],
  [
    'community.general',
    /^(consul|cs|datadog|github|gitlab|icinga2|influxdb|ipa|jenkins|keycloak|linode|lxd|nagios|onepassword|ovh|pacemaker|pagerduty|proxmox|rax|redhat|rhsm|scaleway|sensu|udm|xenserver|zfs|zpool)(_|$)/,
  ],
  ['containers.podman', /^podman_/],
];

/** Further modules of community.general that roles name shortly. */
export const COMMON = new Set(
  `apache2_mod_proxy apt_repo apt_rpm at awall beadm bower bundler bzr cargo cloud_init_data_facts cloudflare_dns
  cobbler_sync cobbler_system composer cpanm cran cronvar crypttab dconf deploy_helper django_manage dnsimple
  dnsmadeeasy easy_install ejabberd_user elasticsearch_plugin etcd3 facter filesize flatpak flatpak_remote foreman
  gconftool2 gunicorn haproxy hg hipchat homebrew homebrew_cask homebrew_tap hponcfg imgadm installp interfaces_file
  ip_netns ipify_facts ipinfoio_facts ipmi_boot ipmi_power irc iso_extract jabber java_cert java_keystore jboss jira
  katello kernel_blacklist kibana_plugin launchd layman lbu ldap_attr ldap_attrs ldap_entry ldap_passwd
  listen_ports_facts lldp logentries logentries_msg logstash_plugin luks_device lvg lxc_container macports mail mas
  matrix mattermost maven_artifact monit mqtt mssql_db netcup_dns newrelic_deployment nexmo nginx_status_facts
  nginx_status_info nmcli nosh nsupdate ohai omapi_host open_iscsi openbsd_pkg openssh_cert openwrt_init opkg
  osx_defaults parted patch pear pids pingdom pip_package_info pipx pkg5 pkgin pkgng pkgutil pnpm portage portinstall
  pulp_repo puppet pushbullet pushover python_requirements_facts python_requirements_info read_csv redfish_command
  redfish_config redfish_info redis rhn_channel rhn_register riak rocketchat rollbar_deployment rundeck_acl_policy
  rundeck_project runit say sefcontext selinux_permissive selogin sendgrid shutdown slack slackpkg smartos_image_info
  snap snap_alias snmp_facts solaris_zone sorcery ssh_config statusio_maintenance supervisorctl svc svr4pkg swdepot
  swupd syslogger syspatch taiga_issue telegram terraform twilio uptimerobot urpmi vdo wakeonlan xbps xfconf xfs_quota
  xml yarn znode zypper_repository`.split(/\s+/),
);

/** Modules of collections whose names are a slip away from one that vbx has, and are none. */
export const NAMESAKES = new Set([
  'community.docker.docker_image_push',
  'community.docker.docker_plugin',
  'community.general.layman',
  'community.general.pnpm',
  'community.postgresql.postgresql_idx',
  'community.postgresql.postgresql_set',
]);

/** The collections that vbx has as a whole. */
const WHOLE = /^(ansible\.(builtin|legacy)|vbx)\./;

/**
 * The full name of a module that vbx does not have, if `name` may well be one of a collection. What is nearly `nearest`, a name of the same collection
 * that vbx knows, is taken for a slip.
 */
export function moduleElsewhere(name: string, nearest: (full: string) => string | undefined): string | undefined {
  const full = fullName(name);
  if (full === undefined || !/^\w+\.\w+(\.\w+)+$/.test(full) || WHOLE.test(full)) return undefined;
  if (NAMESAKES.has(full)) return full;
  const known = nearest(full);
  const collection = full.slice(0, full.lastIndexOf('.') + 1);
  if (known?.startsWith(collection) !== true) return full;
  const word = full.slice(collection.length);
  const distance = editDistance(word, known.slice(collection.length));
  return distance <= Math.min(2, Math.floor(word.length / 3)) ? undefined : full;
}

function fullName(name: string): string | undefined {
  const short = name.replace(/^ansible\.(builtin|legacy)\./, '');
  if (short.includes('.')) return name;
  const family =
    FAMILIES.find(([, prefixes]) => prefixes.test(short))?.[0] ?? (COMMON.has(short) ? 'community.general' : undefined);
  return family === undefined ? undefined : `${family}.${short}`;
}
