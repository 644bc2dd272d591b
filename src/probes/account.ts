// Whether a user or a group of a name or number is known on the host, by whatever service tells of it.
import { quote, quoteAll } from '../core/quote.ts';
import { probeOf, type Probe, type ProbeFamily } from '../core/probe.ts';

/** Only whether it is there: what a user is, user.ts tells. */
export type AccountState = { readonly kind: 'known' } | { readonly kind: 'absent' };

interface AccountQuery {
  readonly database: 'passwd' | 'group';
  readonly name: string;
}

const family: ProbeFamily<AccountQuery, AccountState> = {
  name: 'account',
  script: (queries) =>
    ['passwd', 'group']
      .map((database) => {
        const names = queries.filter((query) => query.database === database).map(({ name }) => name);
        const lines = names
          .map(
            (name) =>
              `-e ${quote(/^\d+$/.test(name) ? `^[^:]*:[^:]*:${name}:` : `^${name.replace(/[^A-Za-z0-9_-]/g, '\\$&')}:`)}`,
          )
          .join(' ');
        return names.length === 0
          ? ''
          : `echo @${database}; if command -v getent >/dev/null; then getent ${database} ${quoteAll(names)}; else grep ${lines} /etc/${database}; fi`;
      })
      .join('\n')
      .concat('\n:\n'),
  parse: (answer, queries) => {
    const [passwd = '', group = ''] = answer.stdout.toString('utf8').split(/^@group$/m);
    return queries.map(({ database, name }) => {
      const found = (database === 'passwd' ? passwd : group)
        .split('\n')
        .map((line) => line.split(':'))
        .some((fields) => fields.length > 3 && (fields[0] === name || fields[2] === name));
      return { kind: found ? 'known' : 'absent' };
    });
  },
};

/** A name, or a number as text. */
export function accountProbe(database: AccountQuery['database'], name: string): Probe<AccountState> {
  return probeOf(family, `account:${database}:${name}`, { database, name });
}
