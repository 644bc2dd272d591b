// Writes inventories of many hosts with variables, to measure `vbx inventory` against ansible-inventory:
//   node test/bench/inventory-fixture.ts FOLDER [HOSTS]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files `hosts` (INI) and `hosts.yml` (the same as YAML) and group_vars in `folder`: groups of 100 hosts in sites of 10 groups, all with variables. */
export function writeInventoryFixture(folder: string, hosts: number): void {
  const groupCount = Math.ceil(hosts / 100);
  const siteCount = Math.ceil(groupCount / 10);
  const hostVars = (index: number): [string, string | number][] => [
    ['ansible_host', `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`],
    ['rack', `r${index % 40}`],
    ['cores', 8 << (index % 3)],
    ['note', `node ${index} of the farm`],
  ];
  const ini: string[] = [];
  const yaml: string[] = ['all:', '  children:'];
  for (let group = 0; group < groupCount; group++) {
    ini.push(`[group${group}]`);
    for (let host = group * 100; host < Math.min(hosts, (group + 1) * 100); host++) {
      ini.push(
        `node${host}.example.org ${hostVars(host)
          .map(([name, value]) => `${name}=${typeof value === 'string' && value.includes(' ') ? `"${value}"` : value}`)
          .join(' ')}`,
      );
    }
    ini.push(`[group${group}:vars]`, `group_number=${group}`, `region=eu-${group % 5}`);
  }
  for (let site = 0; site < siteCount; site++) {
    ini.push(`[site${site}:children]`);
    yaml.push(`    site${site}:`, '      children:');
    for (let group = site * 10; group < Math.min(groupCount, (site + 1) * 10); group++) {
      ini.push(`group${group}`);
      yaml.push(
        `        group${group}:`,
        '          vars:',
        `            group_number: ${group}`,
        `            region: eu-${group % 5}`,
        '          hosts:',
      );
      for (let host = group * 100; host < Math.min(hosts, (group + 1) * 100); host++) {
        yaml.push(
          `            node${host}.example.org:`,
          ...hostVars(host).map(([name, value]) => `              ${name}: ${value}`),
        );
      }
    }
  }
  mkdirSync(join(folder, 'group_vars'), { recursive: true });
  writeFileSync(join(folder, 'hosts'), `${ini.join('\n')}\n`);
  writeFileSync(join(folder, 'hosts.yml'), `${yaml.join('\n')}\n`);
  writeFileSync(
    join(folder, 'group_vars', 'all.yml'),
    'ntp_servers: [ntp1.example.org, ntp2.example.org]\ndns: {search: example.org, servers: [10.0.0.1, 10.0.0.2]}\nmotd: "welcome to {{ inventory_hostname }}"\n',
  );
}

if (process.argv[1] === import.meta.filename) {
  const [folder = '.', hosts = '10000'] = process.argv.slice(2);
  writeInventoryFixture(folder, Number(hosts));
}
