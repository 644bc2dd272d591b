// apt_repository: a one-line repository of apt is there, in whichever of its files, or is not there.
import { bool, choice, field, int, mode, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import type { Step } from '../core/step.ts';
import { aptRefreshScript } from './apt-script.ts';
import type { Editable } from './parts/edit-file.ts';
import { applyText, line, planText, textProbes } from './parts/text-edit.ts';

/** All one-line sources of the host. */
interface Sources {
  readonly kind: 'sources';
  /** The wanted repository stands, enabled, in some file. */
  readonly present: boolean;
  /** Files with a line of it, enabled or not. */
  readonly info: { readonly files: readonly string[] };
}
interface Observed extends Editable {
  readonly sources: Sources;
}

export const apt_repository = defineModule<RepositoryShape, Observed>({
  name: 'ansible.builtin.apt_repository',
  summary: 'Add and remove repositories of apt',
  args: repositoryArgs(),
  check: (args) => {
    return isPpa(args) || /^(deb|deb-src)( |$)/.test(lineOf(args))
      ? undefined
      : `Invalid repository string: ${args.repo}`;
  },
  example: `
- ansible.builtin.apt_repository:
    repo: deb [trusted=yes] file:/nonexistent/vbx-example ./
    filename: vbx-example
    update_cache: false
    state: absent
`,
  probe: (args): { sources: Probe<Sources> } & ReturnType<typeof textProbes> => ({
    ...textProbes(fileOf(args)),
    sources: sourcesProbe(lineOf(args)),
  }),
})({
  plan: (args, observed, basics): Plan<Observed> => {
    const { sources } = observed;
    if (isPpa(args)) return { failed: 'ppa: repositories are not looked up', hint: PPA_HINT };
    if (args.state === 'absent')
      return { after: sources.info.files.length === 0 ? {} : { sources: { ...sources, present: false } } };
    if (sources.present) return { after: {} };
    const wanted = line(lineOf(args));
    // A line that is there as a comment is made whole again in its place.
    const plan = planText({ path: fileOf(args), mode: args.mode ?? '0644' }, observed, basics, (lines) =>
      lines.some((text) => equal(text.replace(/^\s*#+\s*/, ''), wanted))
        ? lines.map((text) => (equal(text.replace(/^\s*#+\s*/, ''), wanted) ? wanted : text))
        : [...lines, wanted],
    );
    return 'after' in plan ? { ...plan, after: { ...plan.after, sources: { ...sources, present: true } } } : plan;
  },
  apply: (args, change, basics) => {
    const { before, after } = change;
    const steps: Step[] = [];
    if (args.state === 'absent' && before.sources.info.files.length > 0) {
      const wanted = lineOf(args);
      // Each line of it goes, whatever its blanks; a file that then has no line left goes too.
      for (const file of before.sources.info.files) steps.push({ kind: 'script', script: removalScript(file, wanted) });
    } else if (after.sources.present && !before.sources.present)
      steps.push(...applyText({ path: fileOf(args), mode: args.mode ?? '0644' }, change, basics));
    if (steps.length > 0 && args.update_cache)
      steps.push({
        kind: 'script',
        script: aptRefreshScript(args.update_cache_retries, args.update_cache_retry_max_delay, 60),
        long: true,
      });
    return steps;
  },
  result: (args, { before, after }) => ({
    repo: args.repo,
    state: args.state,
    sources_added: after.sources.present && !before.sources.present ? [fileOf(args)] : [],
    sources_removed: args.state === 'absent' ? before.sources.info.files : [],
  }),
});

function repositoryArgs() {
  return {
    repo: str().describe('The line: `deb [signed-by=/etc/apt/keyrings/x.asc] https://deb.example.org stable main`.'),
    state: choice('absent', 'present').default('present').describe('Whether it is there.'),
    mode: mode().optional().describe('Mode of its file.'),
    update_cache: field(bool(), { aliases: ['update-cache'] })
      .default(true)
      .describe('Refresh the lists of packages when it changed.'),
    update_cache_retries: int().default(5).describe('How often to try to refresh.'),
    update_cache_retry_max_delay: int().default(12).describe('Longest pause between tries, seconds.'),
    validate_certs: bool().default(true).describe('Taken for compatibility.'),
    filename: str().optional().describe('Name of its file below /etc/apt/sources.list.d; otherwise from its address.'),
    codename: str().optional().describe('Taken for compatibility (ppa: only).'),
    install_python_apt: bool().default(true).describe('Taken for compatibility: nothing of Python is needed.'),
  };
}
type RepositoryShape = ReturnType<typeof repositoryArgs>;

interface Repository {
  readonly repo: string;
  readonly filename?: string | undefined;
}

/** A name that Launchpad knows; it stands for a line and a key that only the network tells. */
const isPpa = ({ repo }: Repository): boolean => repo.trim().startsWith('ppa:');
const PPA_HINT =
  'Give the line `deb [signed-by=...] https://ppa.launchpadcontent.net/OWNER/NAME/ubuntu CODENAME main` and its key (deb822_repository takes both).';

/** The line as Ansible writes it: single blanks, no comment behind it. Whether apt can make anything of it is apt's to say. */
function lineOf(args: Repository): string {
  return args.repo
    .trim()
    .replace(/(?<=.)#[^]*$/, '')
    .trim()
    .replace(/\s+/g, ' ');
}
function equal(a: string, b: string): boolean {
  return (
    a
      .trim()
      .replace(/\s+/g, ' ')
      .replace(/\s*#.*$/, '') === b.trim().replace(/\s+/g, ' ')
  );
}

/** As Ansible names it: the address, all that is no letter or digit made an underscore. */
function fileOf(args: Repository): string {
  if (args.filename !== undefined)
    return args.filename.startsWith('/')
      ? args.filename
      : `/etc/apt/sources.list.d/${args.filename}${args.filename.endsWith('.list') ? '' : '.list'}`;
  const words = args.repo
    .replace(/\[[^\]]+\]/g, '')
    .replace(/\w+:\/\//g, '')
    .split(/\s+/)
    .filter((word) => word !== '' && word !== 'deb' && word !== 'deb-src');
  const address = (words[0] ?? '').split('@').at(-1) ?? '';
  return `/etc/apt/sources.list.d/${address
    .replace(/[^a-zA-Z0-9]/g, ' ')
    .trim()
    .split(/\s+/)
    .join('_')}.list`;
}

function sourcesProbe(wanted: string): Probe<Sources> {
  return scriptProbe(
    `apt-source:${wanted}`,
    `for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do [ -r "$f" ] && { echo "@@$f"; cat -- "$f"; echo; }; done; :`,
    (answer) => parseSources(answer, wanted),
  );
}

export function parseSources(answer: Answer, wanted: string): Sources {
  const files: string[] = [];
  let present = false;
  for (const part of `\n${answer.stdout.toString('utf8')}`.split('\n@@').slice(1)) {
    const [file = '', ...lines] = part.split('\n');
    const found = lines.filter((text) => equal(text, wanted));
    if (found.length > 0) files.push(file);
    present ||= found.length > 0;
  }
  return { kind: 'sources', present, info: { files } };
}

function removalScript(file: string, wanted: string): string {
  const [name, temporary] = [quote(file), quote(`${file.replace(/[^/]*$/, '')}.${file.replace(/^.*\//, '')}.vbx~`)];
  return `umask 022
while IFS= read -r l || [ -n "$l" ]; do set -f; set -- $l; set +f; [ "$*" = ${quote(wanted)} ] || printf '%s\\n' "$l"; done <${name} >${temporary} || exit
chmod --reference=${name} ${temporary} 2>/dev/null || chmod 644 ${temporary}
case ${name} in */sources.list.d/*) if ! grep -q '[^[:space:]]' ${temporary}; then rm -f -- ${temporary} ${name}; exit; fi ;; esac
mv -f ${temporary} ${name}`;
}
