// Facts about a host, as Ansible's setup names them, gathered in one exchange by a handful of processes.
import { probeOf, type Probe, type ProbeFamily } from '../core/probe.ts';
import { hardwareFacts } from './facts/hardware.ts';
import { localFacts } from './facts/local.ts';
import { networkFacts } from './facts/network.ts';
import { COLLECTORS, factsScript, type Collector } from './facts/script.ts';
import { sectionsOf, type Sections } from './facts/sections.ts';
import {
  cmdlineFacts,
  dateFacts,
  distributionFacts,
  dnsFacts,
  envFacts,
  fibreFacts,
  iscsiFacts,
  keyFacts,
  loadFacts,
  lsbFacts,
  nvmeFacts,
  platformFacts,
  pythonFacts,
  securityFacts,
  systemdFacts,
  userFacts,
} from './facts/system.ts';
import { virtualFacts } from './facts/virtual.ts';

export interface FactsQuery {
  readonly collectors: readonly Collector[];
  readonly factPath: string;
  /** Seconds that a program among the local facts may take. */
  readonly timeout: number;
  /** The Python to tell of in place of the newest. */
  readonly python?: string;
}

/** Facts without the prefix `ansible_`. Never compared: everything is told, nothing wished. */
export interface FactsState {
  readonly kind: 'facts';
  /** The script came to its end; otherwise the host was cut short and facts are missing. */
  readonly complete: boolean;
  readonly info: Readonly<Record<string, unknown>>;
}

const family: ProbeFamily<FactsQuery, FactsState> = {
  name: 'facts',
  script: (queries) =>
    queries
      .slice(0, 1)
      .map((query) => factsScript(query.collectors, query.factPath, query.timeout, query.python))
      .join(''),
  parse: (answer, queries) =>
    queries.map((query) => {
      const sections = sectionsOf(answer.stdout.toString('utf8'));
      return { kind: 'facts', complete: sections.has('end'), info: factsOf(query.collectors, sections) };
    }),
};

/** A query has a family of its own, so that two different ones in an exchange are two scripts. */
export function factsProbe(query: FactsQuery): Probe<FactsState> {
  return probeOf({ ...family, name: `facts:${JSON.stringify(query)}` }, 'facts', query);
}

const READERS: Readonly<Record<Collector, (sections: Sections) => Record<string, unknown>>> = {
  platform: platformFacts,
  distribution: distributionFacts,
  lsb: lsbFacts,
  // Modules here need no Python library to deal with SELinux.
  selinux: (sections) => ({ selinux: securityFacts(sections).selinux, selinux_python_present: true }),
  apparmor: (sections) => ({ apparmor: securityFacts(sections).apparmor }),
  chroot: (sections) => ({ is_chroot: securityFacts(sections).is_chroot }),
  fips: (sections) => ({ fips: securityFacts(sections).fips }),
  pkg_mgr: () => ({}),
  service_mgr: () => ({}),
  cmdline: cmdlineFacts,
  date_time: dateFacts,
  env: envFacts,
  loadavg: loadFacts,
  ssh_pub_keys: keyFacts,
  user: userFacts,
  systemd: systemdFacts,
  virtual: virtualFacts,
  hardware: hardwareFacts,
  dns: dnsFacts,
  network: networkFacts,
  iscsi: iscsiFacts,
  fibre_channel_wwn: fibreFacts,
  nvme: nvmeFacts,
  python: pythonFacts,
  local: localFacts,
};

/** What the sections say, collector by collector in Ansible's order. */
export function factsOf(collectors: readonly Collector[], sections: Sections): Record<string, unknown> {
  return Object.assign(
    {},
    ...COLLECTORS.filter((name) => collectors.includes(name)).map((name) => READERS[name](sections)),
  ) as Record<string, unknown>;
}
