// yum_repository: a section of a .repo file says what repository there is.
import { bool, choice, field, list, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import type { Step } from '../core/step.ts';
import { fileArgs } from './parts/file-attributes.ts';
import type { Editable } from './parts/edit-file.ts';
import { applyText, line, planText, textProbes, type LinesEdit } from './parts/text-edit.ts';

export const yum_repository = defineModule<RepoShape, Editable>({
  name: 'ansible.builtin.yum_repository',
  summary: 'Add and remove repositories of dnf and yum',
  args: repoArgs(),
  check: (args) => {
    if (args.state === 'absent') return undefined;
    if (args.baseurl === undefined && args.metalink === undefined && args.mirrorlist === undefined)
      return "Parameter 'baseurl', 'metalink' or 'mirrorlist' is required.";
    return args.description === undefined ? "Parameter 'name' is required." : undefined;
  },
  example: `
- ansible.builtin.yum_repository:
    name: vbx-example
    description: An example
    baseurl: https://rpm.example.org/el9
    gpgcheck: true
    enabled: false
    reposdir: /etc
    file: vbx-example
`,
  probe: (args) => textProbes(fileOf(args)),
})({
  plan: (args, observed, basics) => {
    const plan = planText(textFile(args), observed, basics, edit(args));
    // A file without any repository goes.
    return 'after' in plan && args.state === 'absent' && isEmpty(plan.after.at)
      ? { after: { at: { kind: 'absent' } } }
      : plan;
  },
  apply: (args, change, basics) => {
    const { before, after } = change;
    if (after.at.kind === 'absent')
      return before.at.kind === 'absent'
        ? []
        : [{ kind: 'remove', path: fileOf(args), guard: before.at } satisfies Step];
    return applyText(textFile(args), change, basics);
  },
  result: (args) => ({ repo: args.name, state: args.state }),
});

function repoArgs() {
  return {
    name: str().describe('Id of the repository: its section.'),
    description: str().optional().describe('Its name for people.'),
    baseurl: list(str()).optional().describe('Where it is.'),
    metalink: str().optional().describe('A metalink that says where it is.'),
    mirrorlist: str().optional().describe('A list of mirrors that say where it is.'),
    file: str().optional().describe('Its file without `.repo`; otherwise its id.'),
    reposdir: path().default('/etc/yum.repos.d').describe('Folder of the files.'),
    state: choice('absent', 'present').default('present').describe('Whether it is there.'),
    enabled: bool().optional().describe('Whether it is used.'),
    gpgcheck: bool().optional().describe('Check signatures of packages.'),
    gpgkey: list(str()).optional().describe('Where its keys are.'),
    repo_gpgcheck: bool().optional().describe('Check the signature of its metadata.'),
    gpgcakey: str().optional().describe('URL of a CA key.'),
    exclude: field(list(str()), { aliases: ['excludepkgs'] })
      .optional()
      .describe('Packages to leave out.'),
    includepkgs: list(str()).optional().describe('Only these packages.'),
    include: str().optional().describe('A further configuration file.'),
    priority: str().optional().describe('Lower wins.'),
    cost: str().optional().describe('Cost of access: lower is preferred.'),
    skip_if_unavailable: bool().optional().describe('Go on without it where it cannot be reached.'),
    sslverify: field(bool(), { aliases: ['validate_certs'] })
      .optional()
      .describe('Check certificates.'),
    sslcacert: field(str(), { aliases: ['ca_cert'] })
      .optional()
      .describe('File of certificates to trust.'),
    sslclientcert: field(str(), { aliases: ['client_cert'] })
      .optional()
      .describe('File of a client certificate.'),
    sslclientkey: field(str(), { aliases: ['client_key'] })
      .optional()
      .describe('File of its key.'),
    ssl_check_cert_permissions: bool().optional().describe('Check permissions of those files.'),
    username: str().optional().describe('Account for the repository.'),
    password: field(str(), { secret: true }).optional().describe('Password for it.'),
    proxy: str().optional().describe('Proxy, `_none_` for none.'),
    proxy_username: str().optional().describe('Account for the proxy.'),
    proxy_password: field(str(), { secret: true }).optional().describe('Password for it.'),
    metadata_expire: str().optional().describe('How long metadata stay good.'),
    metadata_expire_filter: choice('never', 'read-only:past', 'read-only:present', 'read-only:future')
      .optional()
      .describe('Which commands may use old metadata.'),
    module_hotfixes: bool().optional().describe('Offer packages of modular streams too.'),
    async: bool().optional().describe('Download in the background.'),
    bandwidth: str().optional().describe('Most bytes a second.'),
    countme: bool().optional().describe('Let the host be counted.'),
    deltarpm_metadata_percentage: str().optional().describe('When delta metadata are worth it.'),
    deltarpm_percentage: str().optional().describe('When delta packages are worth it.'),
    enablegroups: bool().optional().describe('Use its groups.'),
    failovermethod: choice('roundrobin', 'priority').optional().describe('Order of its addresses.'),
    http_caching: choice('all', 'packages', 'none').optional().describe('What caches may keep.'),
    ip_resolve: choice('4', '6', 'IPv4', 'IPv6', 'whatever').optional().describe('Which addresses to use.'),
    keepalive: bool().optional().describe('Keep connections.'),
    keepcache: choice('0', '1').optional().describe('Keep packages.'),
    mirrorlist_expire: str().optional().describe('How long the list of mirrors stays good.'),
    protect: bool().optional().describe('Protect from others.'),
    retries: str().optional().describe('How often to try.'),
    s3_enabled: bool().optional().describe('It is a bucket of S3.'),
    throttle: str().optional().describe('Most of the bandwidth.'),
    timeout: str().optional().describe('Seconds to wait.'),
    ui_repoid_vars: str().optional().describe('Variables to show.'),
    ...fileArgs,
  };
}
type RepoShape = ReturnType<typeof repoArgs>;

interface RepoValues extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly file?: string | undefined;
  readonly reposdir: string;
  readonly state: 'absent' | 'present';
  readonly mode?: string | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
}

function fileOf(args: RepoValues): string {
  return `${args.reposdir.replace(/\/+$/, '')}/${args.file ?? args.name}.repo`;
}
function textFile(args: RepoValues) {
  return {
    path: fileOf(args),
    mayMiss: args.state === 'absent',
    ...(args.mode === undefined ? {} : { mode: args.mode }),
    ...(args.owner === undefined ? {} : { owner: args.owner }),
    ...(args.group === undefined ? {} : { group: args.group }),
  };
}
function isEmpty(state: PathState | undefined): boolean {
  return state?.kind === 'file' && (state.content?.bytes?.toString('latin1').trim() ?? 'x') === '';
}

const NOT_OPTIONS = new Set(['name', 'file', 'reposdir', 'state', ...Object.keys(fileArgs)]);

/** The section as Ansible writes it: options in alphabetical order, sections too, `key = value`. */
function sectionOf(args: RepoValues): string[] {
  const options = Object.entries(args).flatMap(([key, value]): [string, string][] => {
    if (value === undefined || NOT_OPTIONS.has(key)) return [];
    const name = key === 'description' ? 'name' : key;
    const joint = ['baseurl', 'gpgkey'].includes(key) ? '\n    ' : ' ';
    return [
      [
        name,
        typeof value === 'boolean' ? (value ? '1' : '0') : Array.isArray(value) ? value.join(joint) : String(value),
      ],
    ];
  });
  return [
    `[${line(args.name)}]`,
    ...options.sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([key, value]) => `${key} = ${line(value)}`.split('\n')),
    '',
  ];
}

function edit(args: RepoValues): LinesEdit {
  return (lines) => {
    const sections: { name: string; lines: string[] }[] = [];
    const head: string[] = [];
    for (const text of lines) {
      const name = /^\[(.+?)\]/.exec(text)?.[1];
      if (name !== undefined) sections.push({ name, lines: [text] });
      else (sections.at(-1)?.lines ?? head).push(text);
    }
    const own = line(args.name);
    const known = sections.find(({ name }) => name === own);
    if (args.state === 'absent')
      return [...head, ...sections.filter(({ name }) => name !== own).flatMap((section) => section.lines)];
    const wanted = sectionOf(args);
    if (known !== undefined && meaning(known.lines) === meaning(wanted)) return lines;
    const others = sections.filter(({ name }) => name !== own);
    return [
      ...head,
      ...[...others, { name: own, lines: wanted }]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((section) => section.lines),
    ];
  };
}

/** Options of a section with their values, whatever their order and blanks. */
function meaning(lines: readonly string[]): string {
  const options = new Map<string, string>();
  let last = '';
  for (const text of lines.slice(1)) {
    if (text.trim() === '' || /^\s*[#;]/.test(text)) continue;
    const at = text.indexOf('=');
    if (/^\s/.test(text) || at < 0) options.set(last, `${options.get(last) ?? ''}\n${text.trim()}`);
    else {
      last = text.slice(0, at).trim();
      options.set(last, text.slice(at + 1).trim());
    }
  }
  return JSON.stringify([...options].sort(([a], [b]) => (a < b ? -1 : 1)));
}
