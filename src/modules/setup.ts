// setup: tells what a host is (facts); it changes nothing.
import { int, list, path, str } from '../core/args.ts';
import type { Basics } from '../core/basics.ts';
import { defineModule } from '../core/module.ts';
import { basicsProbe } from '../probes/basics.ts';
import { factsProbe, type FactsState } from '../probes/facts.ts';
import { COLLECTORS, type Collector } from '../probes/facts/script.ts';

interface Observed {
  readonly host: FactsState;
  readonly basics: Basics;
}

export const setup = defineModule<SetupShape, Observed>({
  name: 'ansible.builtin.setup',
  summary: 'Gather facts about a host',
  args: setupArgs(),
  check: ({ gather_subset }) => {
    const unknown = gather_subset.find((subset) => !subset.startsWith('!') && collectorsOf(subset) === undefined);
    return unknown === undefined
      ? undefined
      : `Bad subset '${unknown}' given to Ansible. gather_subset options allowed: all, ${['min', ...Object.keys(ALIASES)].sort().join(', ')}`;
  },
  example: `
- ansible.builtin.setup:
    gather_subset: [min, network]
    filter: [ansible_distribution*, ansible_default_ipv4]
`,
  reports: true,
  fromVariables: { python: 'ansible_python_interpreter' },
  probe: ({ gather_subset, fact_path, gather_timeout, python }) => ({
    host: factsProbe({
      collectors: selected(gather_subset),
      factPath: fact_path,
      timeout: gather_timeout,
      ...(isNamed(python) ? { python } : {}),
    }),
    basics: basicsProbe,
  }),
})({
  plan: (_args, { host }) =>
    host.complete
      ? { after: {} }
      : {
          failed: 'the host was cut short while it gathered facts',
          hint: 'Is it under heavy load? The keyword timeout gives the task more time, gather_subset asks for less.',
        },
  apply: () => [],
  result: (args, { before }) => ({ ansible_facts: ansibleFacts(args, before) }),
  facts: (args, observed) => ansibleFacts(args, observed),
});

function setupArgs() {
  return {
    gather_subset: list(str())
      .default(['all'])
      .describe(
        'Which facts: all, min, hardware, network, virtual, or one collector; `!name` leaves one out. `min` is always there unless `!min`.',
      ),
    gather_timeout: int()
      .default(10)
      .describe(
        'Seconds that a program among the local facts may take. Nothing else can take long: mounts of FUSE, autofs and the network are never touched.',
      ),
    filter: list(str()).default([]).describe('Names of facts to return, with wildcards.'),
    python: str()
      .optional()
      .describe(
        'The Python to tell of, where the host has several: what ansible_python_interpreter names. Otherwise the newest.',
      ),
    fact_path: path()
      .default('/etc/ansible/facts.d')
      .describe('Folder of local facts (*.fact): programs are run, files read as JSON or INI.'),
  };
}
type SetupShape = ReturnType<typeof setupArgs>;

/** What `min` stands for. */
const MIN: readonly Collector[] = [
  'apparmor',
  'cmdline',
  'date_time',
  'distribution',
  'dns',
  'env',
  'fips',
  'local',
  'lsb',
  'pkg_mgr',
  'platform',
  'python',
  'selinux',
  'service_mgr',
  'ssh_pub_keys',
  'user',
];
/** Further names of subsets. Collectors that need tools of their own (facter, ohai) give nothing. */
const ALIASES: Readonly<Record<string, readonly Collector[]>> = {
  ...Object.fromEntries(COLLECTORS.map((name) => [name, [name]])),
  interfaces: ['network'],
  default_ipv4: ['network'],
  default_ipv6: ['network'],
  all_ipv4_addresses: ['network'],
  all_ipv6_addresses: ['network'],
  mounts: ['hardware'],
  devices: ['hardware'],
  dmi: ['hardware'],
  processor: ['hardware'],
  processor_cores: ['hardware'],
  processor_count: ['hardware'],
  virtualization_type: ['virtual'],
  virtualization_role: ['virtual'],
  virtualization_tech_guest: ['virtual'],
  virtualization_tech_host: ['virtual'],
  distribution_version: ['distribution'],
  distribution_release: ['distribution'],
  distribution_major_version: ['distribution'],
  os_family: ['distribution'],
  architecture: ['platform'],
  kernel: ['platform'],
  kernel_version: ['platform'],
  machine: ['platform'],
  machine_id: ['platform'],
  system: ['platform'],
  user_id: ['user'],
  user_uid: ['user'],
  user_gid: ['user'],
  user_dir: ['user'],
  user_shell: ['user'],
  user_gecos: ['user'],
  ssh_host_pub_keys: ['ssh_pub_keys'],
  python: [],
  python_version: [],
  caps: [],
  system_capabilities: [],
  facter: [],
  ohai: [],
};

function collectorsOf(subset: string): readonly Collector[] | undefined {
  return subset === 'all'
    ? COLLECTORS
    : subset === 'min'
      ? MIN
      : Object.hasOwn(ALIASES, subset)
        ? ALIASES[subset]
        : undefined;
}

/** Always `min`, then what is asked for, less what is ruled out (`!all` leaves `min`), plus what is asked for by its own name. */
function selected(subsets: readonly string[]): Collector[] {
  const wanted = new Set<Collector>(MIN);
  const excluded = new Set<Collector>();
  const named = new Set<Collector>();
  for (const subset of subsets) {
    const name = subset.replace(/^!/, '');
    const collectors = collectorsOf(name) ?? [];
    if (subset.startsWith('!'))
      for (const collector of collectors) {
        if (name !== 'all' || !MIN.includes(collector)) excluded.add(collector);
      }
    else
      for (const collector of collectors) {
        wanted.add(collector);
        if (name !== 'all' && name !== 'min') named.add(collector);
      }
  }
  // Only exclusions: everything else is meant.
  if (subsets.every((subset) => subset.startsWith('!')) && !subsets.includes('!all'))
    for (const collector of COLLECTORS) wanted.add(collector);
  return COLLECTORS.filter((collector) => wanted.has(collector) && (!excluded.has(collector) || named.has(collector)));
}

/** A way of finding a Python (`auto`, `auto_silent`) names none. */
function isNamed(python: string | undefined): python is string {
  return python !== undefined && !/^auto(_|$)/.test(python);
}

function ansibleFacts(
  args: {
    readonly python?: string | undefined;
    readonly gather_subset: readonly string[];
    readonly filter: readonly string[];
  },
  { host, basics }: Observed,
): Record<string, unknown> {
  const collectors = selected(args.gather_subset);
  const all = {
    ...host.info,
    ...(collectors.includes('pkg_mgr') ? { pkg_mgr: basics.packageManager } : {}),
    ...(collectors.includes('service_mgr') ? { service_mgr: basics.serviceManager } : {}),
  };
  const patterns = args.filter.filter((pattern) => pattern !== '*' && pattern !== '').map(wildcard);
  const { executable } = (host.info['python'] ?? {}) as { readonly executable?: string };
  const facts = {
    ...Object.fromEntries(Object.entries(all).map(([name, value]) => [`ansible_${name}`, value])),
    ...(executable === undefined || isNamed(args.python) ? {} : { discovered_interpreter_python: executable }),
    gather_subset: args.gather_subset,
    module_setup: true,
  };
  return patterns.length === 0
    ? facts
    : Object.fromEntries(
        Object.entries(facts).filter(([name]) =>
          patterns.some(
            (pattern) =>
              pattern.test(name) || (name.startsWith('ansible_') && pattern.test(name.slice('ansible_'.length))),
          ),
        ),
      );
}

/** A pattern of Python's fnmatch as a regular expression. */
function wildcard(pattern: string): RegExp {
  const text = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('[!', '[^');
  return new RegExp(`^${text}$`, 's');
}
