// dpkg_selections: what dpkg is to do with a package at the next upgrade: hold keeps it as it is.
import { choice, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';

interface Selection {
  readonly kind: 'selection';
  /** Empty where dpkg does not know the package. */
  readonly selection: string;
}

export const dpkg_selections = defineModule<SelectionShape, { readonly package: Selection }>({
  name: 'ansible.builtin.dpkg_selections',
  summary: 'Hold packages, or let them go',
  args: selectionArgs(),
  example: `
- ansible.builtin.dpkg_selections:
    name: base-files
    selection: install
`,
  probe: ({ name }): { package: Probe<Selection> } => ({
    package: scriptProbe(`selection:${name}`, `dpkg --get-selections ${quote(name)} 2>/dev/null; :`, (answer) => ({
      kind: 'selection',
      selection: answer.stdout.toString('utf8').trim().split(/\s+/)[1] ?? '',
    })),
  }),
})({
  plan: ({ name, selection }, { package: now }) =>
    now.selection === ''
      ? { failed: `Failed to find package '${name}' to perform selection '${selection}'.` }
      : { after: now.selection === selection ? {} : { package: { kind: 'selection', selection } } },
  apply: ({ name, selection }, { before, after }) =>
    before.package === after.package
      ? []
      : [{ kind: 'run', argv: ['dpkg', '--set-selections'], stdin: `${name} ${selection}\n` }],
  result: (_args, { before, after }) => ({ before: before.package.selection, after: after.package.selection }),
});

function selectionArgs() {
  return {
    name: str().describe('The package.'),
    selection: choice('install', 'hold', 'deinstall', 'purge').describe('What to do with it.'),
  };
}
type SelectionShape = ReturnType<typeof selectionArgs>;
