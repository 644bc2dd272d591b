// capabilities: what a program may do beyond its user (setcap).
import { choice, field, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';

interface CapabilityState {
  readonly kind: 'capabilities' | 'missing';
  /** Flags (sorted, after `=`) by capability: `{ cap_net_raw: 'ep' }`. */
  readonly capabilities: Readonly<Record<string, string>>;
  readonly message?: string;
}

export const capabilities = defineModule<CapabilityShape, { readonly file: CapabilityState }>({
  name: 'community.general.capabilities',
  summary: 'Set capabilities of programs',
  args: capabilityArgs(),
  check: ({ capability }) =>
    parse(capability) === undefined ? `${capability} is no capability: cap_net_raw+ep` : undefined,
  example: `
- community.general.capabilities:
    path: /usr/bin/ping
    capability: cap_net_raw+ep
  when: false
`,
  probe: (args): { file: Probe<CapabilityState> } => ({
    file: scriptProbe(
      `capabilities:${args.path}`,
      `PATH=$PATH:/usr/sbin:/sbin\n[ -e ${quote(args.path)} ] || { echo '@@missing there is no such file'; exit 0; }\ncommand -v getcap >/dev/null || { echo '@@missing getcap is not on this host'; exit 0; }\ngetcap ${quote(args.path)}; :`,
      (answer) => parseCapabilities(answer, args.path),
      { touches: [args.path] },
    ),
  }),
})({
  plan: (args, { file }) => {
    if (file.kind === 'missing') return { failed: `${args.path}: ${file.message ?? ''}` };
    const wanted = parse(args.capability);
    if (wanted === undefined) return { after: {} };
    const now = file.capabilities[wanted.name];
    if (args.state === 'present')
      return {
        after:
          now === wanted.flags
            ? {}
            : { file: { kind: 'capabilities', capabilities: { ...file.capabilities, [wanted.name]: wanted.flags } } },
      };
    const { [wanted.name]: _removed, ...rest } = file.capabilities;
    return { after: now === undefined ? {} : { file: { kind: 'capabilities', capabilities: rest } } };
  },
  apply: (args, { before, after }) => {
    if (before.file === after.file) return [];
    const all = Object.entries(after.file.capabilities)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, flags]) => `${name}=${flags}`);
    return [
      { kind: 'run', argv: all.length === 0 ? ['setcap', '-r', args.path] : ['setcap', all.join(' '), args.path] },
    ];
  },
  result: (args) => ({ path: args.path, capability: args.capability, state: args.state }),
});

function capabilityArgs() {
  return {
    path: field(path(), { aliases: ['key'] }).describe('The program.'),
    capability: field(str(), { aliases: ['cap'] }).describe('The capability with its flags: `cap_net_raw+ep`.'),
    state: choice('absent', 'present').default('present').describe('Whether it has it.'),
  };
}
type CapabilityShape = ReturnType<typeof capabilityArgs>;

function parse(text: string): { readonly name: string; readonly flags: string } | undefined {
  const match = /^(cap_[a-z_]+)\s*(?:[+=]\s*([eip]*))?$/.exec(text.trim().toLowerCase());
  return match?.[1] === undefined ? undefined : { name: match[1], flags: sorted(match[2] ?? '') };
}
function sorted(flags: string): string {
  return [...new Set(flags)].sort().join('');
}

/** `FILE = cap_a,cap_b+ep` of older programs, `FILE cap_a,cap_b=ep` of newer ones; several groups follow one another. */
export function parseCapabilities(answer: Answer, file: string): CapabilityState {
  const text = answer.stdout.toString('utf8').trim();
  const missing = /^@@missing (.*)$/m.exec(text)?.[1];
  if (missing !== undefined) return { kind: 'missing', capabilities: {}, message: missing };
  const rest = text.startsWith(file) ? text.slice(file.length).replace(/^\s*=?\s*/, '') : '';
  const found: Record<string, string> = {};
  for (const part of rest.split(/\s+/)) {
    const match = /^([a-z_,]+)[+=]([eip]+)$/.exec(part);
    for (const name of (match?.[1] ?? '').split(',')) if (name !== '') found[name] = sorted(match?.[2] ?? '');
  }
  return { kind: 'capabilities', capabilities: found };
}
