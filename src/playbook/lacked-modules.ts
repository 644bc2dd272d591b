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
  ['community.general', /^(consul|github|gitlab|influxdb|ipa|jenkins|keycloak|linode|lxd|nagios|proxmox|redhat|rhsm|scaleway|xenserver|zfs|zpool)(_|$)/],
  ['containers.podman', /^podman_/],
];

/** Collections of which vbx has all modules that there are. */
const WHOLE = /^(ansible\.(builtin|legacy)|vbx)\./;

/**
 * The full name of a module that vbx does not have, if `name` may well be one of a collection. What is nearly `nearest`, a name of the same collection
 * that vbx knows, is taken for a slip.
 */
export function moduleElsewhere(name: string, nearest: (full: string) => string | undefined): string | undefined {
  const full = name.includes('.') ? name : familyName(name);
  if (full === undefined || !/^\w+\.\w+(\.\w+)+$/.test(full) || WHOLE.test(full)) return undefined;
  const known = nearest(full);
  const collection = full.slice(0, full.lastIndexOf('.') + 1);
  if (known?.startsWith(collection) !== true) return full;
  const word = full.slice(collection.length);
  const distance = editDistance(word, known.slice(collection.length));
  return distance <= Math.min(2, Math.floor(word.length / 3)) ? undefined : full;
}

function familyName(name: string): string | undefined {
  const family = FAMILIES.find(([, prefixes]) => prefixes.test(name));
  return family === undefined ? undefined : `${family[0]}.${name}`;
}
