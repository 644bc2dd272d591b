// Brings what a run left into the form that must be equal for Ansible and vbx. Whatever is left out stands here, with its reason.
import type { Run } from './world.ts';

/** Paths that tell of the tool, not of the playbook. */
const ignoredPaths: readonly (readonly [RegExp, string])[] = [
  [/^\/(root|home\/[^/]+)\/\.ansible(\/|$)/, "Ansible's temporary files; vbx has none"],
  [/^\/root\/\.ansible_async(\/|$)/, 'jobs that nobody removed, each kept in its own way'],
  [
    /^\/var\/log\/|^\/var\/cache\/apt\/\w+\.bin$|^\/var\/lib\/dpkg\/status-old$/,
    'they tell in how many calls packages were installed, and when',
  ],
  [/^\/var\/lib\/apt\/periodic\/update-success-stamp$/, 'apt-get touches it, the library that Ansible uses does not'],
];

/** Fields of results that cannot be equal. */
const ignoredFields: Readonly<Record<string, string>> = {
  start: 'time of the run',
  end: 'time of the run',
  delta: 'time of the run',
  atime: 'time of the run',
  mtime: 'time of the run; playbooks compare those that they set',
  ctime: 'time of the run',
  invocation: "Ansible's echo of the arguments; templates rarely look there",
  exception: "where Ansible's Python failed",
  failed_when_suppressed_exception: "where Ansible's Python failed",
  warnings: 'each warns of what concerns it',
  deprecations: 'each warns of what concerns it',
  inode: 'chance',
  dev: 'chance',
  diff: 'vbx tells owners and modes too, and differences of files as it shows them',
};

const withoutIgnored = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutIgnored);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !Object.hasOwn(ignoredFields, name))
      .filter(
        ([name, field]) =>
          // The copy on the host from which Ansible put the file in place; vbx tells the file of the controller.
          !(
            name === 'src' &&
            'checksum' in value &&
            typeof field === 'string' &&
            /[/][.]ansible[/]tmp[/]|[/]ansible-tmp-|^[/]media[/]play[/]/.test(field)
          ),
      )
      .map(([name, field]) => [name, withoutIgnored(field)]),
  );
};

/** The headings of the output with the hosts' lines below each in order, and the recap. Warnings and errors are each tool's own words. */
const storyOf = (stdout: string): readonly string[] => {
  const story: string[] = [];
  let lines: string[] = [];
  let shown: string[] | undefined;
  const flush = (): void => {
    story.push(...lines.toSorted());
    lines = [];
  };
  for (const written of stdout.split('\n')) {
    // Ansible adds the address of a delegate, and tells of meta tasks, which do nothing on a host.
    // vbx names what it cannot know in a dry run, where Ansible skips.
    // Whose answer came first stands first where several hosts include a file.
    const line = written
      .replace(/( -> \w+)\([0-9.]+\)\]/, '$1]')
      .replace(/^(skipping: \[.*\]) => unknown: depends on .*/, '$1')
      .replace(
        /^(included: .* for )([\w, ]+)/,
        (_, head: string, hosts: string) =>
          `${head}${hosts.trimEnd().split(', ').sort().join(', ')}${hosts.endsWith(' ') ? ' ' : ''}`,
      );
    if (/^TASK \[meta\] /.test(line)) continue;
    if (shown !== undefined) {
      shown.push(line.trim());
      if (line !== '}') continue;
      lines.push(shown.join(' '));
      shown = undefined;
    } else if (/^(PLAY|TASK|RUNNING HANDLER)\b/.test(line)) {
      flush();
      story.push(line.replace(/ \*+$/, ''));
    } else if (/^(ok|changed|included|skipping): .* => \{$/.test(line)) shown = [line];
    else if (/^(ok|changed|skipping|failed|fatal|included): /.test(line))
      lines.push(line.replace(/ => \{.*$/, '').replace(/: FAILED!.*$/, ': FAILED!'));
    else if (/^\.\.\.ignoring$/.test(line)) lines.push(line);
    else if (/^\S+ +: ok=/.test(line)) lines.push(line.trim());
  }
  flush();
  return story;
};

/** What must be equal. */
export const comparable = (run: Run): unknown => ({
  run: run.run,
  status: run.status,
  story: storyOf(run.stdout),
  hosts: Object.fromEntries(
    Object.entries(run.hosts).map(([host, paths]) => [
      host,
      Object.fromEntries(
        Object.entries(paths).filter(([path]) => !ignoredPaths.some(([pattern]) => pattern.test(path))),
      ),
    ]),
  ),
  results: Object.fromEntries(
    Object.entries(run.results).map(([name, text]) => [
      name,
      name.endsWith('.json') ? withoutIgnored(JSON.parse(text)) : text,
    ]),
  ),
});
