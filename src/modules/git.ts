// ansible.builtin.git: a working copy of a repository at a version, cloned or updated by the host's own git.
import { z } from 'zod';
import { bool, field, int, list, path, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import { quote, quoteAll } from '../core/quote.ts';
import { pathWord } from '../probes/path-script.ts';
import { reportOf } from './parts/report-lines.ts';

const args = {
  repo: field(str(), { aliases: ['name'] }).describe('Address of the repository'),
  dest: path()
    .optional()
    .describe('Folder of the working copy; not needed without clone, where only the remote is asked'),
  version: str().default('HEAD').describe('Branch, tag or commit'),
  remote: str().default('origin').describe('Name of the remote'),
  refspec: str().optional().describe('Further references to fetch'),
  depth: int().optional().describe('Fetch only so many commits'),
  single_branch: bool().default(false).describe('Clone only the branch of the version'),
  clone: bool()
    .default(true)
    .describe('Clone where there is no working copy; otherwise only tell what would be cloned'),
  update: bool().default(true).describe('Fetch new commits'),
  force: bool().default(false).describe('Throw away local changes'),
  bare: bool().default(false).describe('A repository without a working copy'),
  recursive: bool().default(true).describe('Submodules too'),
  track_submodules: bool().default(false).describe('Submodules at the newest commit of their branch'),
  reference: str().optional().describe('Repository on the host to borrow objects from'),
  accept_hostkey: bool().default(false).describe('Take an unknown host key of the server'),
  accept_newhostkey: bool().default(false).describe('Take the host key of a server not seen before'),
  ssh_opts: str().optional().describe('Further options for ssh'),
  key_file: path().optional().describe('Private key on the host'),
  executable: path().optional().describe('The git to use'),
  umask: field(str().optional(), {}).describe('Umask of the checkout, octal'),
  archive: path().optional().describe('Archive of the version to make on the host: .zip, .tar, .tar.gz or .tgz'),
  archive_prefix: str().optional().describe('Path put before those in the archive'),
  separate_git_dir: path().optional().describe("Where git's own data is to be, away from the working copy"),
  gpg_allowlist: field(list(str()).default([]), { aliases: ['gpg_whitelist'] }).describe(
    'Fingerprints of the keys that may have signed the commit',
  ),
  verify_commit: bool().default(false).describe("Check the commit's signature"),
};
type Args = z.output<z.ZodObject<typeof args>>;

export const git = defineAction<typeof args>({
  name: 'ansible.builtin.git',
  summary: 'Clones and updates git repositories',
  args,
  check: (given) => {
    if (given.accept_hostkey && given.accept_newhostkey)
      return 'parameters are mutually exclusive: accept_hostkey|accept_newhostkey';
    if (given.dest === undefined && given.clone) return 'the destination directory must be specified unless clone=no';
    if (given.bare && given.separate_git_dir !== undefined)
      return 'parameters are mutually exclusive: separate_git_dir|bare';
    if (given.archive_prefix !== undefined && given.archive === undefined)
      return "missing parameter(s) required by 'archive_prefix': archive";
    if (given.archive !== undefined && formatOf(given.archive) === undefined)
      return `Unable to get file extension from archive file name : ${given.archive}`;
    if (given.umask !== undefined && !/^0?[0-7]{1,4}$/.test(given.umask))
      return 'umask must be octal text, such as "0022"';
    return given.repo.startsWith('-') || given.version.startsWith('-')
      ? 'repo and version do not begin with a hyphen'
      : undefined;
  },
  example: `
- name: The tool's sources
  ansible.builtin.git:
    repo: /tmp/vbx-example-repo
    dest: /tmp/vbx-example-clone
    version: main
`,
  exampleSetup: `
- name: A repository to clone
  ansible.builtin.shell: |
    rm -rf /tmp/vbx-example-repo && git init -q -b main /tmp/vbx-example-repo && cd /tmp/vbx-example-repo &&
    echo hello > file && git add file && git -c user.name=x -c user.email=x@example.org commit -qm first
`,
  // The script of a dry run only asks the remote (ls-remote) and the working copy.
  dryRun: 'run',
})({
  steps: (given, _observed, _basics, controller) => [
    { kind: 'script', long: true, script: gitScript(given, controller.checkMode) },
  ],
  parse: (given, done) => {
    const [step] = done;
    const report = reportOf(step?.stdout ?? '');
    const value = (name: string): string | null =>
      report[name] === undefined || report[name] === '' ? null : report[name];
    const before = value('before');
    const after = value('after');
    const base = { before, after, remote_url_changed: report['url_changed'] === '1' };
    if (step?.rc !== 0)
      return {
        failed: true,
        changed: false,
        ...base,
        msg: report['failed'] ?? (step?.stderr.trim() || 'git failed'),
        rc: step?.rc ?? 1,
        stderr: step?.stderr ?? '',
        stdout: '',
      };
    const changed =
      before !== after || report['url_changed'] === '1' || report['modified'] === '1' || report['submodules'] === '1';
    const beside = report['archived'] === '1' || report['git_dir_now'] !== undefined;
    const moved =
      report['git_dir_now'] === undefined
        ? {}
        : { git_dir_before: report['git_dir_before'], git_dir_now: report['git_dir_now'] };
    return {
      changed: beside || (given.update || before === null ? changed : false),
      ...base,
      ...moved,
      ...(report['modified'] === '1'
        ? { msg: `Local modifications exist in the destination: ${given.dest ?? ''}` }
        : {}),
      ...(report['submodules'] === '1' ? { submodules_changed: true } : {}),
    };
  },
});

function gitScript(given: Args, checkOnly: boolean): string {
  const remote = quote(given.remote);
  const version = quote(given.version);
  const depth = given.depth === undefined ? '' : ` --depth ${given.depth}`;
  return `${environment(given)}
git() { ${given.executable === undefined ? 'command git' : pathWord(given.executable)} "$@"; }
command -v ${given.executable === undefined ? 'git' : pathWord(given.executable)} >/dev/null 2>&1 || { echo '@failed Failed to find required executable git'; exit 1; }
d=${given.dest === undefined ? "''" : pathWord(given.dest)}; case $d in /*) ;; *) d=$PWD/$d;; esac
repo=${repoWord(given.repo)}
v=${version}
head() { (cd "$d" && git rev-parse --verify -q 'HEAD^{commit}'); }
# The commit that the remote has for the version.
asked() {
  case $v in *[!0-9a-f]*) ;; ????????????????????????????????????????) printf '%s\\n' "$v"; return;; esac
  l=$(git ls-remote "$1" "$v" "refs/heads/$v" "refs/tags/$v" "refs/tags/$v^{}") || return
  for r in "refs/tags/$v^{}" "refs/tags/$v" "refs/heads/$v" "$v"; do
    c=$(printf '%s\\n' "$l" | while read -r h n; do if [ "$n" = "$r" ]; then echo "$h"; fi; done)
    if [ -n "$c" ]; then printf '%s\\n' "$c"; return; fi
  done
  if [ -d "$d" ]; then (cd "$d" && git rev-parse --verify -q "$v^{commit}") && return; fi
  echo "@failed Failed to checkout $v" >&3; return 1
}
exec 3>&1
${given.dest === undefined ? 'echo @before; r=$(asked "$repo") || exit; echo "@after $r"; exit 0' : ''}
${separateText(given, checkOnly)}
if [ ! -e "$d/${given.bare ? 'HEAD' : '.git'}" ]; then
  echo '@before'
  ${checkOnly || !given.clone ? 'r=$(asked "$repo") || exit; echo "@after $r"; exit 0' : cloneText(given, depth)}
else
  b=$(head); echo "@before $b"
  ${
    given.update
      ? updateText(given, depth, checkOnly)
      : `${archiveText(given, checkOnly)}
  echo "@after $b"; exit 0`
  }
fi
${given.bare ? '' : switchText(given, remote)}
${given.recursive && !given.bare ? submoduleText(given) : ''}
${given.verify_commit ? verifyText(given) : ''}
${archiveText(given, checkOnly)}
echo "@after $(head)"`;
}

/** The signature of a tag or commit, by one of the keys that may sign where they are told. */
function verifyText({ gpg_allowlist: keys }: Args): string {
  const failed = `{ printf '@failed %s\\n' "Failed to verify GPG signature of commit/tag \\"$v\\""; exit 1; }`;
  const known = `k=$(printf '%s\\n' "$o" | sed -n 's/^\\[GNUPG:\\] VALIDSIG \\(.*\\)/\\1/p' | tail -n 1); set -- $k; f=$1; [ $# -lt 10 ] || shift 9; [ $# -lt 1 ] || f=$1
case ${quote(` ${keys.join(' ')} `)} in *" $f "*) ;; *) printf '@failed %s\\n' "The gpg_allowlist does not include the public key \\"$f\\" for this commit"; exit 1;; esac`;
  return `c=verify-commit; [ "$(cd "$d" && git cat-file -t "$v" 2>/dev/null)" != tag ] || c=verify-tag
o=$(cd "$d" && git $c --raw "$([ $c = verify-tag ] && echo "$v" || echo HEAD)" 2>&1) || ${failed}
${keys.length === 0 ? ':' : known}`;
}

/** Git's name of the format that the archive's file name asks for. */
function formatOf(archive: string): string | undefined {
  return /\.(zip|tar|tgz)$/.exec(archive)?.[1] ?? (archive.endsWith('.gz') ? 'tar.gz' : undefined);
}

/** The archive is made beside the wanted one and put in its place where it is another. */
function archiveText(given: Args, checkOnly: boolean): string {
  if (given.archive === undefined) return '';
  if (checkOnly) return 'echo "@archived 1"';
  return `a=${pathWord(given.archive)}; case $a in /*) ;; *) a=$PWD/$a;; esac
t=\${a%/*}/.vbx-archive-$$.${formatOf(given.archive) ?? ''}~
trap 'rm -f -- "$t"' EXIT
(cd "$d" && git archive --format ${formatOf(given.archive) ?? ''}${given.archive_prefix === undefined ? '' : ` --prefix ${quote(given.archive_prefix)}`} --output "$t" "$v") >&2 || { echo '@failed Failed to perform archive operation'; exit 1; }
if [ -e "$a" ] && cmp -s "$t" "$a"; then :; else mv -f -- "$t" "$a" || exit; echo '@archived 1'; fi`;
}

/** Where git's data lies away from the working copy: it must be found, and moved where it is to be elsewhere. */
function separateText(given: Args, checkOnly: boolean): string {
  if (given.bare) return '';
  const lines = [
    'g=$d/.git',
    `if [ -f "$g" ]; then
  l=$(sed -n '1s/^gitdir: //p' "$g"); case $l in ''|/*) ;; *) l=$d/$l;; esac
  [ -n "$l" ] && [ -e "$l" ] || { echo '@failed Current repo does not have a valid reference to a separate Git dir or it refers to the invalid path'; exit 1; }
  g=$l
fi`,
  ];
  if (given.separate_git_dir === undefined) return lines.join('\n');
  return [
    ...lines,
    `s=${pathWord(given.separate_git_dir)}; case $s in /*) ;; *) s=$PWD/$s;; esac`,
    `if [ "$(cd "$g" 2>/dev/null && pwd -P)" != "$(cd "$s" 2>/dev/null && pwd -P)" ] || [ ! -e "$g" ]; then
  if [ -e "$s" ]; then echo "@failed Separate-git-dir path $s already exists."; exit 1; fi
  if [ -e "$g" ]; then
    echo "@git_dir_before $g"; echo "@git_dir_now $s"
    ${checkOnly ? ':' : `mv -- "$g" "$s" && printf 'gitdir: %s\\n' "$s" > "$d/.git" || { echo '@failed Unable to move git dir.'; exit 1; }`}
  fi
fi`,
  ].join('\n');
}

/** A path of the host is expanded as such; an address stays as it is. */
function repoWord(repo: string): string {
  return /^[~/]/.test(repo) ? pathWord(repo) : quote(repo);
}

function environment(given: Args): string {
  const ssh = [
    'ssh',
    '-o',
    'BatchMode=yes',
    ...(given.accept_hostkey
      ? ['-o', 'StrictHostKeyChecking=no']
      : given.accept_newhostkey
        ? ['-o', 'StrictHostKeyChecking=accept-new']
        : []),
    ...(given.key_file === undefined ? [] : ['-i', given.key_file, '-o', 'IdentitiesOnly=yes']),
  ];
  return [
    'GIT_TERMINAL_PROMPT=0; export GIT_TERMINAL_PROMPT',
    `GIT_SSH_COMMAND=${quote(`${quoteAll(ssh)}${given.ssh_opts === undefined ? '' : ` ${given.ssh_opts}`}`)}; export GIT_SSH_COMMAND`,
    ...(given.umask === undefined ? [] : [`umask ${given.umask}`]),
  ].join('\n');
}

function cloneText(given: Args, depth: string): string {
  const flags = [
    given.bare ? '--bare' : '--no-checkout',
    '--origin',
    given.remote,
    ...(given.reference === undefined ? [] : ['--reference', given.reference]),
  ];
  const apart = given.separate_git_dir === undefined ? '' : ' --separate-git-dir "$s"';
  // A shallow or single clone is of one branch or tag; a commit cannot be asked for so and needs the whole history.
  const narrow = given.depth !== undefined || given.single_branch;
  const branch = `{ case $(git ls-remote "$repo" "refs/heads/$v" "refs/tags/$v") in ?*) set -- "$@" --branch "$v";; *) [ "$v" = HEAD ] || set --;; esac; }`;
  return `p=\${d%/*}; [ -d "$p/" ] || mkdir -p -- "$p" || exit
  set --${depth}${given.single_branch || given.depth !== undefined ? ' --single-branch' : ''}
  ${narrow ? branch : ':'}
  git clone -q ${quoteAll(flags)}${apart} "$@" -- "$repo" "$d" >&2 || exit
  ${given.bare ? `(cd "$d" && git config remote.${quote(given.remote)}.url "$repo") ;` : ''}${given.refspec === undefined ? '' : `(cd "$d" && git fetch -q ${quote(given.remote)} ${quote(given.refspec)}) >&2 || exit`}`;
}

function updateText(given: Args, depth: string, checkOnly: boolean): string {
  const remote = quote(given.remote);
  const lines = [
    ...(given.bare
      ? []
      : [
          `m=$(cd "$d" && git status --porcelain | grep -v '^??')`,
          given.force
            ? `if [ -n "$m" ]; then echo '@modified 1'; ${checkOnly ? ':' : '(cd "$d" && git reset --hard HEAD) >&2 || exit'}; fi`
            : `if [ -n "$m" ]; then printf '@failed %s\\n' "Local modifications exist in the destination: $d (force=no)."; exit 1; fi`,
        ]),
    `u=$(cd "$d" && git config --get remote.${remote}.url)`,
    `if [ "$u" != "$repo" ]; then echo '@url_changed 1'; ${checkOnly ? ':' : `(cd "$d" && { git remote set-url ${remote} "$repo" 2>/dev/null || git remote add ${remote} "$repo"; }) || exit`}; fi`,
  ];
  if (checkOnly) return [...lines, 'r=$(asked "$repo") || exit; echo "@after $r"; exit 0'].join('\n  ');
  const all = given.bare ? "'+refs/heads/*:refs/heads/*'" : `'+refs/heads/*:refs/remotes/${given.remote}/*'`;
  const specs = `${all} '+refs/tags/*:refs/tags/*'${given.refspec === undefined ? '' : ` ${quote(given.refspec)}`}`;
  return [
    ...lines,
    // Nothing is fetched for a commit that is here already.
    `case $v in *[!0-9a-f]*) n=1;; ????????????????????????????????????????) n=; (cd "$d" && git cat-file -e "$v^{commit}" 2>/dev/null) || n=1;; *) n=1;; esac`,
    `if [ -n "$n" ]; then (cd "$d" && git fetch -q --force${depth} ${remote} ${specs}) >&2 || exit; fi`,
  ].join('\n  ');
}

/** Checks the version out: a branch of the remote as a local branch that follows it, anything else as it is. */
function switchText(given: Args, remote: string): string {
  return `cd "$d" || exit
r=$v
if [ "$r" = HEAD ]; then
  r=$(git ls-remote --symref "$repo" HEAD 2>/dev/null | sed -n 's,^ref: refs/heads/\\(.*\\)[[:space:]]HEAD$,\\1,p')
  [ -n "$r" ] || r=$(git symbolic-ref -q --short refs/remotes/${remote}/HEAD | sed 's,^[^/]*/,,')
  [ -n "$r" ] || { echo '@failed Could not determine the default branch of the remote'; exit 1; }
fi
if git show-ref --verify -q "refs/remotes/"${remote}"/$r"; then
  if git show-ref --verify -q "refs/heads/$r"; then git checkout -q --force "$r" -- >&2 || exit
  else git checkout -q --force --track -b "$r" ${remote}"/$r" -- >&2 || exit; fi
  git reset -q --hard ${remote}"/$r" -- >&2 || exit
else
  if ! git cat-file -e "$r^{commit}" 2>/dev/null; then git fetch -q${given.depth === undefined ? '' : ` --depth ${given.depth}`} ${remote} "$r" >&2 || { printf '@failed %s\\n' "Failed to checkout $r"; exit 1; }; fi
  git checkout -q --force "$r" -- >&2 || { printf '@failed %s\\n' "Failed to checkout $r"; exit 1; }
fi`;
}

function submoduleText(given: Args): string {
  return `if [ -f "$d/.gitmodules" ]; then
  cd "$d" || exit
  s=$(git submodule status --recursive)
  { git submodule sync -q --recursive && git submodule update -q --init --recursive${given.track_submodules ? ' --remote' : ''}${given.force ? ' --force' : ''}; } >&2 || exit
  [ "$s" = "$(git submodule status --recursive)" ] || echo '@submodules 1'
fi`;
}
