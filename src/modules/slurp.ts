// ansible.builtin.slurp: the bytes of a file of the host, as base64.
import { field, path } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import { absolutePath, MOST_CONTENT, pathProbe } from '../probes/path.ts';

const args = { src: field(path(), { aliases: ['path'] }).describe('The file to read (up to 5 MB)') };

export const slurp = defineModule<typeof args, { readonly at: PathState }>({
  name: 'ansible.builtin.slurp',
  summary: 'Reads a file of the host',
  args,
  reports: true,
  example: `
- name: Read the hosts file
  ansible.builtin.slurp:
    src: /etc/hosts
  register: hosts_file
`,
  probe: (given) => ({ at: pathProbe(given.src, { content: 'bytes' }) }),
})({
  plan: (given, { at }) => {
    const state = at.kind === 'link' ? at.real : at;
    if (state.kind === 'absent') return { failed: `File not found: ${given.src}` };
    if (state.kind === 'directory') return { failed: `Source is a directory and must be a file: ${given.src}` };
    if (state.kind !== 'file') return { failed: `File is not readable: ${given.src}` };
    if (state.content?.bytes !== undefined) return { after: {} };
    return {
      failed:
        state.info.size > MOST_CONTENT
          ? `${given.src} has ${state.info.size} bytes; slurp reads at most ${MOST_CONTENT}`
          : `File is not readable: ${given.src}`,
    };
  },
  apply: () => [],
  result: (given, { before: { at } }) => {
    const state = at.kind === 'link' ? at.real : at;
    const bytes = state.kind === 'file' ? state.content?.bytes : undefined;
    return { content: bytes?.toString('base64') ?? '', source: absolutePath(given.src, at), encoding: 'base64' };
  },
});
