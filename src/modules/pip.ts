// pip: Python packages on the host, by the host's own pip (of the system, an executable, or a virtual environment).
import type { z } from 'zod';
import { bool, choice, list, path, str } from '../core/args.ts';
import { defineModule, type Effect } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote, quoteAll } from '../core/quote.ts';
import { splitWords } from '../core/words.ts';
import { Unknown } from '../core/value.ts';
import { lines } from './command-result.ts';

interface PipState {
  readonly kind: 'pip';
  /** Installed versions by normalised name; of the asked packages, their versions or null. */
  readonly packages: Readonly<Record<string, string | null | Unknown>>;
  /** The virtual environment is there. */
  readonly environment: boolean;
  readonly info: { readonly missing: boolean };
}

export const pip = defineModule<PipShape, { readonly pip: PipState }>({
  name: 'ansible.builtin.pip',
  summary: 'Install and remove Python packages',
  args: pipArgs(),
  check: (args) => {
    if (args.name === undefined && args.requirements === undefined && args.virtualenv === undefined)
      return 'one of the following is required: name, requirements, virtualenv';
    if (args.name !== undefined && args.requirements !== undefined)
      return 'parameters are mutually exclusive: name|requirements';
    if (args.executable !== undefined && args.virtualenv !== undefined)
      return 'parameters are mutually exclusive: executable|virtualenv';
    return args.version !== undefined && (args.name?.length ?? 0) !== 1
      ? 'version goes only with one name'
      : args.state === 'latest' && args.version !== undefined
        ? 'version does not go with state: latest'
        : undefined;
  },
  example: `
- ansible.builtin.pip:
    name: six
    virtualenv: /opt/vbx-example
    virtualenv_command: python3 -m venv
  when: false
`,
  probe: (args): { pip: Probe<PipState> } => ({ pip: pipProbe(args) }),
})({
  plan: (args, { pip: now }) => {
    if (now.info.missing && args.virtualenv === undefined)
      return { failed: `Unable to find any of pip3, pip to use. pip needs to be installed.` };
    const packages: Record<string, string | null | Unknown> = { ...now.packages };
    const effects: Effect[] = [];
    for (const spec of args.name ?? []) {
      const { name, exact } = specOf(spec, args.version);
      const version = packages[name] ?? null;
      if (args.state === 'absent') packages[name] = null;
      else if (args.state === 'latest' || args.state === 'forcereinstall' || isSource(spec)) {
        // What is newest, and what a source holds, only pip itself can tell.
        if (version === null || !isSource(spec))
          effects.push({
            kind: args.state === 'latest' ? 'upgrade' : 'install',
            text: `${args.state === 'latest' ? 'upgrade' : 'install'} ${spec}`,
            quiet: version !== null && args.state !== 'forcereinstall',
          });
      } else if (version === null || (!(version instanceof Unknown) && !isSatisfied(version, spec, args.version))) {
        packages[name] = exact ?? new Unknown(`the version of ${name}`);
        // A version that only pip will tell is no difference by itself.
        if (exact === undefined) effects.push({ kind: 'install', text: `install ${spec}` });
      }
    }
    // Requirements are handed to pip, which says what it did.
    if (args.requirements !== undefined)
      effects.push({
        kind: 'requirements',
        text: `${args.state === 'absent' ? 'remove' : 'install'} what ${args.requirements} names`,
        quiet: true,
      });
    const environment = args.virtualenv === undefined ? now.environment : true;
    const same =
      environment === now.environment &&
      Object.keys(packages).every((name) => packages[name] === (now.packages[name] ?? null));
    return { after: same ? {} : { pip: { ...now, packages, environment } }, effects };
  },
  apply: (args, { before, after, effects }) => {
    const wanted = (args.name ?? []).filter((spec) => {
      const { name } = specOf(spec, args.version);
      return (
        args.state === 'latest' ||
        args.state === 'forcereinstall' ||
        isSource(spec) ||
        (before.pip.packages[name] ?? null) !== (after.pip.packages[name] ?? null)
      );
    });
    if (wanted.length === 0 && effects.length === 0 && before.pip.environment === after.pip.environment) return [];
    const words = wordsOf(args, wanted);
    const make = [
      ...(splitWords(args.virtualenv_command).words ?? []),
      ...(args.virtualenv_site_packages ? ['--system-site-packages'] : []),
      ...(args.virtualenv_python === undefined ? [] : ['-p', args.virtualenv_python]),
    ];
    const environment =
      args.virtualenv === undefined
        ? ''
        : `[ -x ${quote(`${args.virtualenv}/bin/python`)} ] || [ -x ${quote(`${args.virtualenv}/bin/pip`)} ] || ${quoteAll(make)} ${quote(args.virtualenv)} || exit\n`;
    const install =
      wanted.length === 0 && args.requirements === undefined ? '' : `${program(args)}\n"$p" ${quoteAll(words)}`;
    return [
      {
        kind: 'script',
        script: `${args.umask === undefined ? '' : `umask ${quote(args.umask)}\n`}${args.chdir === undefined ? '' : `cd -- ${quote(args.chdir)} || exit\n`}${environment}${install}`,
        long: true,
      },
    ];
  },
  failure: ({ stdout, stderr }, args) => ({
    msg: `${stdout === '' ? '' : `stdout: ${stdout}`}${stderr === '' ? '' : `\n:stderr: ${stderr}`}`,
    cmd: commandOf(args, args.name ?? []),
  }),
  result: (args, { before, after, effects }, done) => {
    const output = done.map(({ stdout }) => stdout).join('');
    const told = effects.some(({ quiet }) => quiet === true) && /Successfully (installed|uninstalled)/.test(output);
    return {
      ...(told ? { changed: true } : {}),
      cmd: commandOf(args, args.name ?? []),
      name: args.name ?? null,
      version: args.version ?? null,
      requirements: args.requirements ?? null,
      virtualenv: args.virtualenv ?? null,
      state: args.state,
      stdout: output,
      stdout_lines: lines(output),
      stderr: done.map(({ stderr }) => stderr).join(''),
      packages_before: before.pip.packages,
      packages_after: after.pip.packages,
    };
  },
});

/** The words behind pip. */
function wordsOf(args: PipArgs, wanted: readonly string[]): string[] {
  return [
    ...(args.state === 'absent'
      ? ['uninstall', '-y']
      : [
          'install',
          ...(args.state === 'latest' ? ['-U'] : []),
          ...(args.state === 'forcereinstall' ? ['--force-reinstall'] : []),
        ]),
    ...(args.break_system_packages ? ['--break-system-packages'] : []),
    ...(splitWords(args.extra_args ?? '').words ?? []),
    ...(args.requirements === undefined ? [] : ['-r', args.requirements]),
    ...wanted.flatMap((spec) => [
      ...(args.editable ? ['-e'] : []),
      args.version === undefined ? spec : `${spec}==${args.version}`,
    ]),
  ];
}

/** The command as Ansible tells it. */
function commandOf(args: PipArgs, wanted: readonly string[]): string[] {
  const program =
    args.virtualenv !== undefined
      ? [`${args.virtualenv}/bin/pip3`]
      : args.executable !== undefined
        ? [args.executable]
        : ['/usr/bin/python3', '-m', 'pip'];
  return [...program, ...wordsOf(args, wanted)];
}

function pipArgs() {
  return {
    name: list(str()).optional().describe('Packages: `six`, `six==1.16`, `six>=1.15`, a path, a URL.'),
    version: str().optional().describe('Version of the one package.'),
    requirements: path().optional().describe('A file of requirements on the host.'),
    virtualenv: path().optional().describe('A virtual environment; made where it is not there.'),
    virtualenv_site_packages: bool().default(false).describe('A new one sees the packages of the system.'),
    virtualenv_command: path().default('virtualenv').describe('What makes it: `python3 -m venv`.'),
    virtualenv_python: str().optional().describe('Python for a new one.'),
    state: choice('absent', 'forcereinstall', 'latest', 'present')
      .default('present')
      .describe('present installs, latest upgrades, absent removes, forcereinstall installs each time.'),
    extra_args: str().optional().describe('Further words for pip.'),
    editable: bool().default(false).describe('Install from a source that stays where it is.'),
    chdir: path().optional().describe('Folder to run in.'),
    executable: path().optional().describe('The pip to use.'),
    umask: str().optional().describe('Mode bits that files do not get.'),
    break_system_packages: bool()
      .default(false)
      .describe('Install beside the packages of the distribution though it forbids that.'),
  };
}
type PipShape = ReturnType<typeof pipArgs>;
type PipArgs = z.output<z.ZodObject<PipShape>>;

function isSource(spec: string): boolean {
  return /^(git|hg|svn|bzr)\+|:\/\/|^[./~]/.test(spec);
}

/** A requirement: the name as PyPI normalises it, and the version if it is one exact. */
export function specOf(spec: string, version?: string): { readonly name: string; readonly exact?: string } {
  const match = /^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*(.*)$/.exec(spec.trim());
  const name = (match?.[1] ?? spec).toLowerCase().replace(/[-_.]+/g, '-');
  const exact = version ?? /^===?\s*([^,;\s*]+)$/.exec((match?.[2] ?? '').trim())?.[1];
  return exact === undefined ? { name } : { name, exact };
}

/** Whether an installed version fits a requirement: `six`, `six==1.16.*`, `six>=1.15,<2`, `six~=1.15`. */
export function isSatisfied(installed: string, spec: string, version?: string): boolean {
  if (version !== undefined) return compare(installed, version) === 0;
  const wanted = spec
    .trim()
    .replace(/^[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[^\]]*\])?\s*/, '')
    .replace(/;.*$/, '');
  return wanted
    .split(',')
    .map((part) => /^\s*(===|==|!=|>=|<=|~=|>|<)\s*(\S+)\s*$/.exec(part))
    .filter((match) => match !== null)
    .every(([, operator = '', bound = '']) => {
      const prefix =
        bound.endsWith('.*') && (installed === bound.slice(0, -2) || installed.startsWith(bound.slice(0, -1)));
      const order = compare(installed, bound.replace(/\.\*$/, ''));
      switch (operator) {
        case '>=':
          return order >= 0;
        case '<=':
          return order <= 0;
        case '>':
          return order > 0;
        case '<':
          return order < 0;
        case '~=':
          return order >= 0 && installed.startsWith(`${bound.slice(0, bound.lastIndexOf('.'))}.`);
        case '!=':
          return bound.endsWith('.*') ? !prefix : order !== 0;
        default:
          return bound.endsWith('.*') ? prefix : order === 0;
      }
    });
}

/** Releases by their numbers (1.0 is 1.0.0); what comes before a release (a, b, rc, dev) sorts before it. */
function compare(a: string, b: string): number {
  const parts = (text: string) =>
    text
      .replace(/^v/, '')
      .replace(/\+.*$/, '')
      .match(/\d+|[A-Za-z]+/g) ?? [];
  const [left, right] = [parts(a), parts(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const value = (part: string | undefined) =>
      part === undefined ? 0 : /^\d/.test(part) ? Number(part) : part === 'post' ? 0.5 : -1;
    const difference = value(left[at]) - value(right[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Shell text that sets $p: the pip that is meant. */
function program(args: { readonly executable?: string | undefined; readonly virtualenv?: string | undefined }): string {
  if (args.virtualenv !== undefined)
    return `p=${quote(`${args.virtualenv}/bin/pip`)}; [ -x "$p" ] || p=${quote(`${args.virtualenv}/bin/pip3`)}`;
  if (args.executable !== undefined) return `p=${quote(args.executable)}`;
  return 'p=; for c in pip3 pip; do command -v "$c" >/dev/null && { p=$c; break; }; done';
}

function pipProbe(args: {
  readonly name?: readonly string[] | undefined;
  readonly executable?: string | undefined;
  readonly virtualenv?: string | undefined;
}): Probe<PipState> {
  const script = `${program(args)}\ncommand -v "$p" >/dev/null 2>&1 || { echo @@missing; exit 0; }\necho @@there\n"$p" list --format=freeze --disable-pip-version-check 2>/dev/null || "$p" freeze 2>/dev/null; :`;
  const names = (args.name ?? []).filter((spec) => !isSource(spec)).map((spec) => specOf(spec).name);
  return scriptProbe(
    `pip:${args.virtualenv ?? args.executable ?? ''}`,
    `# ${names.join(' ').replace(/[^a-z0-9 -]/g, '')}\n${script}`,
    (answer) => parsePip(answer, names),
    { costly: true },
  );
}

export function parsePip(answer: Answer, names: readonly string[]): PipState {
  const text = answer.stdout.toString('utf8');
  const installed = new Map(
    text
      .split('\n')
      .map((entry) => /^([A-Za-z0-9._-]+)==(.+)$/.exec(entry.trim()))
      .filter((match) => match !== null)
      .map((match) => [(match[1] ?? '').toLowerCase().replace(/[-_.]+/g, '-'), match[2] ?? '']),
  );
  return {
    kind: 'pip',
    packages: Object.fromEntries(names.map((name) => [name, installed.get(name) ?? null])),
    environment: text.startsWith('@@there'),
    info: { missing: !text.startsWith('@@there') },
  };
}
