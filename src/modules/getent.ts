// getent: entries of the host's databases (passwd, group, hosts, services, ...) as facts.
import { bool, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe } from '../core/probe.ts';
import { quoteAll } from '../core/quote.ts';

interface Entries {
  readonly kind: 'entries';
  readonly info: { readonly rc: number; readonly lines: readonly string[] };
}

export const getent = defineModule<GetentShape, { readonly entries: Entries }>({
  name: 'ansible.builtin.getent',
  summary: 'Read entries of passwd, group, hosts, services, ... into facts',
  args: getentArgs(),
  example: `
- ansible.builtin.getent:
    database: passwd
    key: root
`,
  reports: true,
  probe: ({ database, key, service }) => ({
    entries: scriptProbe(
      `getent:${database}`,
      `command -v getent >/dev/null || exit 127\ngetent ${quoteAll([...(service === undefined ? [] : ['-s', service]), database, ...(key === undefined ? [] : [key])])}`,
      (answer): Entries => ({
        kind: 'entries',
        info: {
          rc: answer.rc,
          lines: answer.stdout
            .toString('utf8')
            .split('\n')
            .filter((text) => text !== ''),
        },
      }),
    ),
  }),
})({
  plan: (args, { entries: { info } }) => {
    if (info.rc === 0 || (info.rc === 2 && !args.fail_key)) return { after: {} };
    switch (info.rc) {
      case 1:
        return { failed: 'Missing arguments, or database unknown.' };
      case 2:
        return { failed: NOT_FOUND };
      case 3:
        return { failed: 'Enumeration not supported on this database.' };
      case 127:
        return { failed: 'the program getent is not on this host' };
      default:
        return { failed: `getent failed (exit status ${info.rc})` };
    }
  },
  apply: () => [],
  result: (args, { after }) => ({
    ansible_facts: factsOf(args, after.entries),
    ...(after.entries.info.rc === 2 ? { msg: NOT_FOUND } : {}),
  }),
  facts: (args, { entries }) => factsOf(args, entries),
});

const NOT_FOUND = 'One or more supplied key could not be found in the database.';

function getentArgs() {
  return {
    database: str().describe('The database: passwd, group, hosts, services, ...'),
    key: str().optional().describe('One entry; otherwise all.'),
    service: str().optional().describe('Where to look: files, ldap, ...'),
    split: str()
      .optional()
      .describe('What separates fields; a colon for passwd, shadow, group, gshadow, otherwise blanks.'),
    fail_key: bool().default(true).describe('Fail if the entry is not there; otherwise it is null.'),
  };
}
type GetentShape = ReturnType<typeof getentArgs>;

function factsOf(
  args: { readonly database: string; readonly key?: string | undefined; readonly split?: string | undefined },
  { info }: Entries,
): Record<string, unknown> {
  const split = args.split ?? (['passwd', 'shadow', 'group', 'gshadow'].includes(args.database) ? ':' : undefined);
  const found: Record<string, unknown> = {};
  const seen = new Map<string, number>();
  for (const text of info.lines) {
    const [key = '', ...fields] = split === undefined ? text.trim().split(/\s+/) : text.split(split);
    // Entries of one name (services of two protocols) are numbered, as under Ansible.
    const count = seen.get(key) ?? 0;
    seen.set(key, count + 1);
    Object.defineProperty(found, count === 0 ? key : `${key}${count}`, {
      value: fields,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  if (info.rc === 2 && args.key !== undefined) found[args.key] = null;
  return { [`getent_${args.database}`]: found };
}
