// ansible.builtin.tempfile: a new file or folder of a name that nothing else has, for its owner only.
import { choice, path, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import { quote } from '../core/quote.ts';
import { pathWord } from '../probes/path-script.ts';

const args = {
  state: choice('file', 'directory').default('file').describe('What to make'),
  path: path().optional().describe('Folder to make it in; by default $TMPDIR or /tmp'),
  prefix: str().default('ansible.').describe('Begin of its name'),
  suffix: str().default('').describe('End of its name'),
};

export const tempfile = defineAction<typeof args>({
  name: 'ansible.builtin.tempfile',
  summary: 'Makes a temporary file or folder',
  args,
  check: (given) =>
    /[/\0]/.test(given.prefix + given.suffix) ? 'prefix and suffix are parts of a name and hold no slash' : undefined,
  example: `
- name: A folder to build in
  ansible.builtin.tempfile:
    state: directory
    suffix: build
  register: build_folder
`,
})({
  steps: (given) => [
    {
      kind: 'script',
      // Not all mktemp take a suffix: it is put on by a move that replaces nothing.
      script: `d=${given.path === undefined ? '${TMPDIR:-/tmp}' : pathWord(given.path)}
umask 077
n=0
while :; do
  t=$(mktemp ${given.state === 'directory' ? '-d ' : ''}"$d"/${quote(given.prefix)}XXXXXXXX) || exit
  s="$t"${quote(given.suffix)}
  if [ "$s" = "$t" ] || { ${given.state === 'directory' ? 'mkdir "$s" && rmdir "$t"' : 'ln "$t" "$s" && rm -f "$t"'}; }; then break; fi
  rm -rf "$t"; n=$((n + 1)); [ "$n" -lt 100 ] || exit 1
done
stat -c '%u|%g|%U|%G|%a|%s' "$s" && printf '%s\\n' "$s"`,
    },
  ],
  parse: (given, done) => {
    const [line = '', ...rest] = (done[0]?.stdout ?? '').split('\n');
    if (done[0]?.rc !== 0)
      return { failed: true, msg: `Failed to create temporary ${given.state}: ${done[0]?.stderr.trim() ?? ''}` };
    const [uid, gid, owner, group, mode = '', size] = line.split('|');
    return {
      changed: true,
      path: rest.join('\n').replace(/\n$/, ''),
      state: given.state,
      uid: Number(uid),
      gid: Number(gid),
      owner,
      group,
      mode: mode.padStart(4, '0'),
      size: Number(size),
    };
  },
});
