// ansible.builtin.fetch: a file of the host on the controller, in a folder per host or flat.
import { posix } from 'node:path';
import { bool, path, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import { absolutePath, pathProbe } from '../probes/path.ts';
import { targetOf } from './parts/file-steps.ts';

const args = {
  src: path().describe('The file on the host'),
  dest: str().describe(
    'Folder on the controller, beside the playbook; below it the file goes to HOST/PATH (with flat: just there, a slash at the end keeps its name)',
  ),
  flat: bool().default(false).describe('No folders of host and path'),
  fail_on_missing: bool().default(true).describe('A file that is missing is a failure'),
  validate_checksum: bool().default(true).describe('Compare the digests after the transfer'),
};

export const fetch = defineAction<typeof args, { readonly at: PathState }>({
  name: 'ansible.builtin.fetch',
  summary: 'Copies a file of the host to the controller',
  args,
  example: `
- name: Keep the host's release file
  ansible.builtin.fetch:
    src: /etc/os-release
    dest: /tmp/vbx-example-fetched
`,
  probe: (given) => ({ at: pathProbe(given.src, { digests: ['sha1', 'md5'] }) }),
  // Of a dry run nothing is told, as under Ansible.
  dryRun: () => ({ skipped: true, changed: false, msg: 'check mode not (yet) supported for this module' }),
})({
  steps: (given, { at }, _basics, controller) => {
    if (missing(at) !== undefined) return [];
    const source = targetOf(given.src, at, true).path;
    const from = absolutePath(given.src, at);
    const folder = posix.resolve(controller.playbookDir, given.dest);
    const to = given.flat
      ? given.dest.endsWith('/')
        ? `${folder}/${posix.basename(from)}`
        : folder
      : posix.join(folder, controller.host, from);
    return [{ kind: 'download', path: source, to }];
  },
  parse: (given, done, { at }) => {
    const [step] = done;
    const why = missing(at);
    if (why !== undefined)
      return given.fail_on_missing
        ? { failed: true, msg: why, file: given.src }
        : { changed: false, msg: `${why}, not transferring, ignored`, file: given.src };
    if (step?.step.kind === 'download' && step.rc !== 0 && step.stderr.trim() === `${step.step.to} is a directory`) {
      const calculated = !given.flat || given.dest.endsWith('/');
      return {
        failed: true,
        changed: false,
        msg: calculated
          ? `calculated dest '${step.step.to}' is an existing directory, use another path that does not point to an existing directory`
          : 'dest is an existing directory, use a trailing slash if you want to fetch src into that directory',
      };
    }
    if (step?.step.kind !== 'download' || step.rc !== 0)
      return { failed: true, msg: `Failed to fetch the file: ${step?.stderr.trim() ?? ''}`, file: given.src };
    // The step tells whether the file on the controller was another, and the digests of what arrived.
    const [, outcome = 'changed', sha1, md5] = /^(changed|same) ([0-9a-f]{40}) ([0-9a-f]{32})/.exec(step.stdout) ?? [];
    const expected = digest(at, 'sha1');
    const common = { dest: step.step.to, checksum: sha1 ?? expected, md5sum: md5 ?? digest(at, 'md5') ?? null };
    if (given.validate_checksum && sha1 !== undefined && expected !== undefined && sha1 !== expected)
      return {
        failed: true,
        msg: 'checksum mismatch',
        file: given.src,
        ...common,
        remote_md5sum: null,
        remote_checksum: expected,
      };
    return outcome === 'same'
      ? { changed: false, file: given.src, ...common }
      : { changed: true, ...common, remote_md5sum: null, remote_checksum: expected };
  },
});

/** Why there is nothing to fetch. */
function missing(at: PathState): string | undefined {
  const state = at.kind === 'link' ? at.real : at;
  if (state.kind === 'file' && state.info.readable !== false) return undefined;
  return state.kind === 'absent'
    ? 'the remote file does not exist'
    : state.kind === 'directory'
      ? 'remote file is a directory, fetch cannot work on directories'
      : 'the remote file is not readable';
}

function digest(at: PathState, algorithm: string): string | undefined {
  const state = at.kind === 'link' ? at.real : at;
  return state.kind === 'file' ? state.info.digests?.[algorithm] : undefined;
}
