// pam_limits: a line of limits.conf, for logins by PAM (not for services: those have LimitNOFILE= and the like of systemd).
import { bool, choice, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { same } from '../core/same.ts';
import type { Editable } from './parts/edit-file.ts';
import { applyText, line, planText, textProbes, type LinesEdit } from './parts/text-edit.ts';

const UNLIMITED = ['unlimited', 'infinity', '-1'];

export const pam_limits = defineModule<LimitsShape, Editable>({
  name: 'community.general.pam_limits',
  summary: 'Set limits of logins (files, processes, memory, ...)',
  args: limitsArgs(),
  check: (args) => {
    if (!UNLIMITED.includes(args.value) && !/^-?\d+$/.test(args.value) && args.limit_item !== 'chroot')
      return `value must be a number or one of ${UNLIMITED.join(', ')}`;
    return args.use_min && args.use_max ? 'Cannot use use_min and use_max at the same time.' : undefined;
  },
  example: `
- community.general.pam_limits:
    domain: "*"
    limit_type: "-"
    limit_item: nofile
    value: "65536"
    dest: /etc/security/limits.d/90-vbx.conf
`,
  dropsShells: true,
  probe: (args) => textProbes(args.dest),
})({
  plan: (args, observed, basics) => planText({ path: args.dest }, observed, basics, edit(args)),
  apply: (args, change, basics) => applyText({ path: args.dest, backup: args.backup }, change, basics),
  result: (args, { before, after }, done) => ({
    msg: same(before.at, after.at) ? '' : `${args.domain}\t${args.limit_type}\t${args.limit_item}\t${args.value}`,
    ...(done[0]?.backupFile === undefined ? {} : { backup_file: done[0].backupFile }),
  }),
});

function limitsArgs() {
  return {
    domain: str().describe('A user, `@group`, `*`, or a range of numbers.'),
    limit_type: choice('hard', 'soft', '-').describe('Which limit; `-` is both.'),
    limit_item: choice(
      'core',
      'data',
      'fsize',
      'memlock',
      'nofile',
      'rss',
      'stack',
      'cpu',
      'nproc',
      'as',
      'maxlogins',
      'maxsyslogins',
      'priority',
      'locks',
      'sigpending',
      'msgqueue',
      'nice',
      'rtprio',
      'chroot',
    ).describe('What is limited.'),
    value: str().describe('The limit: a number, unlimited, infinity or -1.'),
    backup: bool().default(false).describe('Keep the old file beside it.'),
    use_min: bool().default(false).describe('Keep the value that is there where it is smaller.'),
    use_max: bool().default(false).describe('Keep the value that is there where it is larger.'),
    dest: path().default('/etc/security/limits.conf').describe('The file.'),
    comment: str().default('').describe('Comment behind the limit.'),
  };
}
type LimitsShape = ReturnType<typeof limitsArgs>;

function edit(args: {
  domain: string;
  limit_type: string;
  limit_item: string;
  value: string;
  use_min: boolean;
  use_max: boolean;
  comment: string;
}): LinesEdit {
  const comment = args.comment === '' ? '' : `\t# ${line(args.comment)}`;
  const entry = (value: string, kept: string) =>
    `${line(args.domain)}\t${args.limit_type}\t${args.limit_item}\t${value}${comment === '' ? kept : comment}`;
  return (lines) => {
    let found = false;
    const changed = lines.flatMap((text) => {
      const hash = text.indexOf('#');
      const fields = (hash < 0 ? text : text.slice(0, hash)).trim().split(/\s+/);
      const [domain, type, item, value] = fields;
      if (
        fields.length !== 4 ||
        value === undefined ||
        domain !== line(args.domain) ||
        type !== args.limit_type ||
        item !== args.limit_item
      )
        return [text];
      if (found) return [];
      found = true;
      const wanted = chosen(value, args);
      return [
        wanted === value && (comment === '' || text.endsWith(comment))
          ? text
          : entry(line(wanted), hash < 0 ? '' : `\t${text.slice(hash)}`),
      ];
    });
    return found ? changed : [...lines, entry(line(args.value), '')];
  };
}

function chosen(now: string, args: { value: string; use_min: boolean; use_max: boolean }): string {
  const size = (value: string) => (UNLIMITED.includes(value) ? Number.POSITIVE_INFINITY : Number(value));
  if (UNLIMITED.includes(now) && UNLIMITED.includes(args.value)) return now;
  if (args.use_min) return size(args.value) < size(now) ? args.value : now;
  if (args.use_max) return size(args.value) > size(now) ? args.value : now;
  return args.value;
}
