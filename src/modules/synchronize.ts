// ansible.posix.synchronize: files of the controller and the host made alike by rsync, which runs on the controller and reaches the host over vbx's own connection.
import { posix } from 'node:path';
import { z } from 'zod';
import { bool, choice, field, int, list, path, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import { VbxError } from '../core/error.ts';
import { quoteAll } from '../core/quote.ts';
import { rsyncWords } from '../core/rsync-words.ts';

const ofArchive = (what: string) => bool().optional().describe(`${what}; by default what archive says`);
const soAnyway = (what: string) =>
  `${what}: rsync goes through the connection that vbx has, whose settings hold whatever is said here`;

const args = {
  src: field(path(), { searched: { folder: 'files', unless: ['mode', 'pull'] } }).describe(
    'What is copied: of the controller, of the host with mode pull; a slash at its end means what is in it',
  ),
  dest: path().describe('Where it goes: on the host, on the controller with mode pull'),
  mode: choice('push', 'pull')
    .default('push')
    .describe('push from the controller to the host, pull from the host to the controller'),
  archive: bool().default(true).describe('Recursive, with links, permissions, times, owner, group and devices'),
  checksum: bool().default(false).describe('Compare content rather than size and time'),
  compress: bool().default(true).describe('Compress what travels'),
  existing_only: bool().default(false).describe('Make no new files'),
  delete: bool().default(false).describe('Remove at dest what src does not have, after the transfer'),
  dirs: bool().default(false).describe('Folders without what is in them'),
  recursive: ofArchive('Go into folders'),
  links: ofArchive('Copy links as links'),
  copy_links: bool().default(false).describe('Copy what links lead to'),
  perms: ofArchive('Keep permissions'),
  times: ofArchive('Keep times of change'),
  owner: ofArchive('Keep owners'),
  group: ofArchive('Keep groups'),
  rsync_path: str()
    .optional()
    .describe('The command for rsync on the host; it is run as the login user, whatever become says'),
  rsync_timeout: int().default(0).describe('Seconds without any transfer after which rsync gives up'),
  rsync_opts: list(str()).default([]).describe('Further options of rsync'),
  partial: bool().default(false).describe('Keep files that were transferred in part'),
  link_dest: list(path()).optional().describe('Folders beside dest whose equal files are linked to rather than copied'),
  delay_updates: bool()
    .default(true)
    .describe('Put all new files in place at the end, and take rules from .rsync-filter files'),
  set_remote_user: bool().default(true).describe(soAnyway('Whether to name the user')),
  use_ssh_args: bool().default(false).describe(soAnyway('Whether to take ansible_ssh_common_args and the like')),
  ssh_connection_multiplexing: bool().default(false).describe(soAnyway('Whether to share a connection')),
  verify_host: bool().default(false).describe(soAnyway('Whether to check the host key')),
  dest_port: int().optional().describe('Refused: set ansible_port of the host'),
  private_key: path().optional().describe('Refused: set ansible_ssh_private_key_file of the host'),
  _local_rsync_path: str().default('rsync').describe('rsync on the controller: the variable ansible_rsync_path'),
};
type Args = z.output<z.ZodObject<typeof args>>;

/** Stands before every line of what changed, as in Ansible's own use of --out-format. */
const CHANGED = '<<CHANGED>>';

export const synchronize = defineAction<typeof args>({
  name: 'ansible.posix.synchronize',
  summary: 'Makes folders of the controller and the host alike, by rsync',
  args,
  startsHere: true,
  fromVariables: { _local_rsync_path: 'ansible_rsync_path' },
  dryRun: 'run',
  check: (given) => {
    for (const [name, value] of [
      ['src', given.src],
      ['dest', given.dest],
    ] as const) {
      if (value.startsWith('rsync://'))
        return `${name}: a daemon of rsync (${value}) is not supported, as rsync goes through the connection to the host`;
      if (/^[^/]*:/.test(value))
        return `${name}: "${value}" names a host: only paths are supported, as the hosts are the controller and that of the task`;
    }
    if (given.dest_port !== undefined)
      return 'dest_port is not supported, as rsync goes through the connection that vbx has: set ansible_port of the host';
    if (given.private_key !== undefined)
      return 'private_key is not supported, as rsync goes through the connection that vbx has: set ansible_ssh_private_key_file of the host';
    const shell = given.rsync_opts.find((option) => /^(--rsh\b|-[A-Za-z]*e\b)/.test(option));
    if (shell !== undefined)
      return `rsync_opts: "${shell}" is not supported, as rsync goes through the connection that vbx has`;
    const folder = posix.resolve('/', posix.dirname(given.dest));
    const inside = given.link_dest?.find((link) => folder.startsWith(posix.resolve('/', link)));
    return inside === undefined
      ? undefined
      : `Hardlinking into a subdirectory of the source would cause recursion. ${folder} and ${given.dest}`;
  },
  example: `
- name: Make the site as it is here
  ansible.posix.synchronize:
    src: site/
    dest: /srv/site
    delete: true
`,
})({
  steps: (given, _observed, _basics, controller) => {
    const options = optionsOf(given, controller.checkMode);
    const program = given._local_rsync_path;
    // Delegated to the host itself: both folders are there, and so is rsync.
    if (controller.delegate === controller.host)
      return [{ kind: 'run', argv: [program, ...options, given.src, given.dest], long: true }];
    if (controller.delegate !== undefined)
      throw new VbxError(`synchronize cannot start on ${controller.delegate}`, {
        hint: 'rsync starts on the controller, or on the host of the task where it is delegated to itself.',
      });
    const pull = given.mode === 'pull';
    const [mine, there] = pull ? [given.dest, given.src] : [given.src, given.dest];
    const here = /^[/~]/.test(mine)
      ? mine
      : `${posix.resolve(controller.playbookDir, mine)}${mine.endsWith('/') ? '/' : ''}`;
    return [
      {
        kind: 'rsync',
        program,
        options,
        pull,
        here,
        there,
        ...(given.rsync_path === undefined ? {} : { rsyncPath: given.rsync_path }),
      },
    ];
  },
  parse: (given, [done]) => {
    if (done === undefined) return { failed: true, msg: 'rsync was not run' };
    const cmd = quoteAll(
      done.step.kind === 'rsync' ? rsyncWords(done.step) : done.step.kind === 'run' ? done.step.argv : [],
    );
    if (done.rc !== 0) return { failed: true, changed: false, msg: done.stderr, rc: done.rc, cmd };
    // With links to other folders rsync tells of equal files too, whose line begins with a dot.
    const changed =
      given.link_dest === undefined ? done.stdout.includes(CHANGED) : !done.stdout.includes(`${CHANGED}.`);
    const msg = done.stdout.replaceAll(CHANGED, '');
    return { changed, msg, rc: done.rc, cmd, stdout_lines: msg.split('\n').filter((line) => line !== '') };
  },
});

/** In the order in which Ansible gives them. */
function optionsOf(given: Args, checkMode: boolean): string[] {
  const { archive } = given;
  const part = (name: string, value: boolean | undefined): string[] =>
    value === undefined || value === archive ? [] : [value ? `--${name}` : `--no-${name}`];
  const links = given.link_dest ?? [];
  return [
    ...(given.delay_updates ? ['--delay-updates', '-F'] : []),
    ...(given.compress ? ['--compress'] : []),
    ...(given.rsync_timeout > 0 ? [`--timeout=${given.rsync_timeout}`] : []),
    ...(checkMode ? ['--dry-run'] : []),
    ...(given.delete ? ['--delete-after'] : []),
    ...(given.existing_only ? ['--existing'] : []),
    ...(given.checksum ? ['--checksum'] : []),
    ...(given.copy_links ? ['--copy-links'] : []),
    ...(archive ? ['--archive'] : []),
    ...part('recursive', given.recursive),
    ...part('links', given.links),
    ...part('perms', given.perms),
    ...part('times', given.times),
    ...part('owner', given.owner),
    ...part('group', given.group),
    ...(given.dirs ? ['--dirs'] : []),
    ...given.rsync_opts,
    ...(given.partial ? ['--partial'] : []),
    // Without -vv rsync says nothing of a link that it made.
    ...(links.length === 0 ? [] : ['-H', '-vv', ...links.map((link) => `--link-dest=${posix.resolve('/', link)}`)]),
    `--out-format=${CHANGED}%i %n%L`,
  ];
}
