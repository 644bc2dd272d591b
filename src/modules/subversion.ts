// ansible.builtin.subversion: a working copy of a repository at a revision, checked out, switched or updated by the host's own svn.
import type { z } from 'zod';
import { bool, field, path, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import { quote, quoteAll } from '../core/quote.ts';
import { pathWord } from '../probes/path-script.ts';
import { reportOf } from './parts/report-lines.ts';

const args = {
  repo: field(str(), { aliases: ['name', 'repository'] }).describe('Address of the repository.'),
  dest: path()
    .optional()
    .describe(
      'Folder of the working copy; not needed where only the repository is asked (checkout, update and export are false).',
    ),
  revision: field(str().default('HEAD'), { aliases: ['rev', 'version'] }).describe('The revision.'),
  force: bool().default(false).describe('Throw away local changes; write an export over what is there.'),
  in_place: bool().default(false).describe('Make a folder that is there and is none into a working copy.'),
  username: str().optional().describe('Who logs in.'),
  password: field(str(), { secret: true }).optional().describe('Its password; svn 1.10 or newer.'),
  executable: path().optional().describe('The svn to use.'),
  checkout: bool().default(true).describe('Check out where there is no working copy.'),
  update: bool().default(true).describe('Fetch new revisions.'),
  export: bool().default(false).describe('Only the files, without a working copy: a change each time.'),
  switch: bool().default(true).describe('Switch a working copy of another address to repo.'),
  validate_certs: bool().default(false).describe('Refuse a server whose certificate is not trusted.'),
};
type Args = z.output<z.ZodObject<typeof args>>;

export const subversion = defineAction<typeof args>({
  name: 'ansible.builtin.subversion',
  summary: 'Check out and update repositories of Subversion',
  args,
  check: (given) =>
    given.dest === undefined && (given.checkout || given.update || given.export)
      ? 'the destination directory must be specified unless checkout=no, update=no, and export=no'
      : given.repo.startsWith('-') || given.revision.startsWith('-')
        ? 'repo and revision do not begin with a hyphen'
        : undefined,
  exampleSetup: `
- name: Have svn
  ansible.builtin.package:
    name: subversion
- name: A repository to check out
  ansible.builtin.command:
    cmd: svnadmin create /tmp/vbx-example-svn
    creates: /tmp/vbx-example-svn
`,
  example: `
- ansible.builtin.subversion:
    repo: file:///tmp/vbx-example-svn
    dest: /tmp/vbx-example-checkout
`,
  // The script of a dry run only asks the repository and the working copy.
  dryRun: 'run',
})({
  steps: (given, _observed, _basics, { checkMode }) => [
    { kind: 'script', long: true, secret: true, script: script(given, checkMode) },
  ],
  parse: (_given, [step]) => {
    const report = reportOf(step?.stdout ?? '');
    if (step?.rc !== 0) {
      const said = report['failed'];
      return {
        failed: true,
        changed: false,
        ...(said === undefined
          ? { msg: step?.stderr.trim() || 'svn failed', rc: step?.rc ?? 1, stdout: '', stderr: step?.stderr ?? '' }
          : { msg: said }),
      };
    }
    const pair = (when: string): string[] | undefined => {
      const [revision, url] = [report[`${when}_revision`], report[`${when}_url`]];
      return revision === undefined || url === undefined ? undefined : [revision, url];
    };
    const before = pair('before') ?? report['before'];
    const after = pair('after') ?? report['after'];
    return {
      changed: report['changed'] === '1',
      ...(after === undefined || (before === undefined && report['after'] !== undefined)
        ? {}
        : { before: before ?? null }),
      ...(after === undefined ? {} : { after }),
    };
  },
});

function script(given: Args, dry: boolean): string {
  const program = given.executable ?? 'svn';
  const secret = given.password !== undefined && given.password !== '';
  const words = quoteAll([
    program,
    '--non-interactive',
    '--no-auth-cache',
    ...(given.validate_certs ? [] : ['--trust-server-cert']),
    ...(given.username === undefined || given.username === '' ? [] : ['--username', given.username]),
    ...(secret ? ['--password-from-stdin'] : []),
  ]);
  const repo = quote(given.repo);
  const revision = quote(given.revision);
  const failed = (text: string): string => `{ printf '@failed %s\\n' ${text}; exit 1; }`;
  const old = `case $(${quote(program)} --version --quiet) in 0.*|1.[0-9]|1.[0-9].*) ${failed(quote('svn 1.10 or newer is needed to log in with a password'))};; esac`;
  return [
    `command -v ${quote(program)} >/dev/null || ${failed(quote(`Failed to find required executable "${program}" in paths`))}`,
    ...(secret ? [old, `p=${quote(given.password ?? '')}`] : []),
    `sv() { ${secret ? `printf %s "$p" | ${words} "$@"` : `${words} "$@" </dev/null`}; }`,
    // The first line of a kind counts; what svn does not tell is said.
    `line() { l=$(printf '%s\\n' "$i" | sed -n "/^$1:/{p;q;}"); printf '%s\\n' "\${l:-Unable to get $2}"; }`,
    `told() { i=$(sv info "$d") || exit; printf '@%s_revision %s\\n@%s_url %s\\n' "$1" "$(line Revision revision)" "$1" "$(line URL URL)"; }`,
    `moved() { printf '%s\\n' "$o" | grep -q '^[ABDUCGE][[:space:]]' && c=1; :; }`,
    'c=',
    ...(given.export || given.update || given.checkout
      ? [`d=${pathWord(given.dest ?? '')}`, ...folderScript(given, dry, repo, revision, failed)]
      : [`i=$(sv info ${repo}) || exit`, `printf '@after %s\\n' "$(line Revision 'remote revision')"`]),
  ].join('\n');
}

function folderScript(
  given: Args,
  dry: boolean,
  repo: string,
  revision: string,
  failed: (text: string) => string,
): string[] {
  const changed = 'echo @changed 1';
  const forced = given.force ? ' --force' : '';
  if (given.export)
    return [dry ? changed : `sv export${forced} -r ${revision} ${repo} "$d" >/dev/null || exit; ${changed}`];
  const fresh = dry
    ? changed
    : given.checkout
      ? `sv checkout -r ${revision} ${repo} "$d" >/dev/null || exit; told after; ${changed}`
      : ':';
  const modified = failed(quote('ERROR: modified files exist in the repository.'));
  const dryUpdate = [
    given.force ? '' : `[ -z "$m" ] || ${modified}`,
    `i=$(sv info "$d") || exit; b=$(line Revision revision)`,
    `i=$(sv info -r ${revision} "$d") || exit; a=$(line Revision revision)`,
    `printf '@before %s\\n@after %s\\n' "$b" "$a"; [ "\${b#*: }" -lt "\${a#*: }" ] && ${changed}; :`,
  ];
  const update = [
    'told before',
    given.switch ? `o=$(sv switch --revision ${revision} ${repo} "$d") || exit; moved` : '',
    given.force ? `[ -z "$m" ] || { sv revert -R "$d" >/dev/null || exit; c=1; }` : `[ -z "$m" ] || ${modified}`,
    `o=$(sv update -r ${revision} "$d") || exit; moved`,
    `told after; [ -z "$c" ] || ${changed}`,
  ];
  const inPlace = [
    `sv checkout --force -r ${revision} ${repo} "$d" >/dev/null || exit`,
    given.force ? `${MODIFIED}; [ -z "$m" ] || sv revert -R "$d" >/dev/null || exit` : '',
    `told after; ${changed}`,
  ];
  return [
    `if [ ! -e "$d" ]; then ${fresh}`,
    'elif sv info "$d" >/dev/null 2>&1; then',
    ...(given.update ? [MODIFIED, ...(dry ? dryUpdate : update)] : [':']),
    ...(given.in_place ? ['else', ...(dry ? [changed] : inPlace)] : []),
    ...(given.in_place
      ? []
      : ['else', failed(`"ERROR: $d folder already exists, but its not a subversion repository."`)]),
    'fi',
  ].filter((text) => text !== '');
}

/** Whether versioned files differ from the repository's; what is new and unknown to it does not count. */
const MODIFIED = `o=$(sv status --quiet --ignore-externals "$d") || exit; m=; ! printf '%s\\n' "$o" | grep -q '^[^?X]' || m=1`;
