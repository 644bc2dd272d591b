// htpasswd: users and passwords in a file that web servers ask for them.
import { createHmac, randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { bool, choice, field, path, str } from '../core/args.ts';
import { isWebPassword, WEB_SCHEMES, webPassword, type WebScheme } from '../core/crypt/web-password.ts';
import { defineModule } from '../core/module.ts';
import {
  applyEdit,
  editProbes,
  editResult,
  planEdit,
  type Editable,
  type Editing,
  type EditFunction,
} from './parts/edit-file.ts';
import { fileArgs } from './parts/file-attributes.ts';

const args = {
  path: field(path(), { aliases: ['dest', 'destfile'] }).describe('The file.'),
  name: field(str(), { aliases: ['username'] }).describe('The user.'),
  password: field(str(), { secret: true }).optional().describe('Its password.'),
  hash_scheme: field(str().default('apr_md5_crypt'), { aliases: ['crypt_scheme'] }).describe(
    `How the password is kept: ${WEB_SCHEMES.join(', ')}.`,
  ),
  state: choice('present', 'absent').default('present').describe('Whether the user is there.'),
  create: bool().default(true).describe('Make the file where it is missing.'),
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

export const htpasswd = defineModule<typeof args, Editable>({
  name: 'community.general.htpasswd',
  summary: 'Keep users and passwords in a file for web servers',
  args,
  check: (given) => {
    if (given.state === 'present' && given.password === undefined)
      return 'state is present but all of the following are missing: password';
    return schemeOf(given) === undefined
      ? `hash_scheme must be one of: ${WEB_SCHEMES.join(', ')}, got: ${given.hash_scheme}`
      : undefined;
  },
  example: `
- community.general.htpasswd:
    path: /etc/vbx-example.htpasswd
    name: visitor
    password: '{{ visitor_password }}'
    mode: '0640'
`,
  exampleSetup: `
- ansible.builtin.set_fact:
    visitor_password: welcome
`,
  probe: (given) => editProbes(given.path, given.attributes),
})({
  plan: (given, observed, basics) => {
    if (given.state === 'absent' && observed.at.kind === 'absent')
      return { after: {}, warnings: [`${given.path} does not exist`] };
    return planEdit(editing(given), observed, basics, edit(given));
  },
  apply: (given, change, basics) => applyEdit(editing(given), change, basics),
  diff: () => undefined,
  result: (given, change, done, basics) => {
    const { msg } = editResult(editing(given), change, done, edit(given), basics);
    const fresh = change.before.at.kind === 'absent' && given.state === 'present';
    return {
      msg: fresh
        ? done.length === 0
          ? `Create ${given.path}`
          : msg.replace(`Add/update ${given.name}`, `Created ${given.path} and added ${given.name}`)
        : msg === ''
          ? `${given.name} not present`
          : msg,
    };
  },
});

/** Names of passlib for what suits servers everywhere. */
const PORTABLE: Readonly<Record<string, WebScheme>> = {
  portable: 'apr_md5_crypt',
  portable_apache_22: 'apr_md5_crypt',
  portable_apache_24: 'bcrypt',
  host: 'bcrypt',
};
const schemeOf = ({ hash_scheme }: Args): WebScheme | undefined =>
  WEB_SCHEMES.find((scheme) => scheme === hash_scheme) ?? PORTABLE[hash_scheme];

function editing(given: Args): Editing {
  return {
    ...given,
    follow: false,
    backup: false,
    hidden: true,
    mayMiss: given.state === 'absent',
    missing: (file) => `Destination ${file} does not exist`,
  };
}

/** Salts come of a secret of this process, so that a plan made twice is the same and nobody can tell them ahead. */
const SECRET = randomBytes(32);
const seedOf = (given: Args): Uint8Array =>
  createHmac('sha256', SECRET)
    .update(`${given.path}\0${given.name}\0${given.password ?? ''}`)
    .digest();

function edit(given: Args): EditFunction {
  return (bytes) => {
    // Lines without anything in them go, as servers stumble over them.
    const lines = (bytes ?? Buffer.alloc(0))
      .toString('latin1')
      .split('\n')
      .filter((line) => line.trim() !== '');
    const name = Buffer.from(given.name).toString('latin1');
    const at = lines.findIndex((line) => line.startsWith(`${name}:`));
    const text = (all: readonly string[]): Buffer => Buffer.from(all.map((line) => `${line}\n`).join(''), 'latin1');
    if (given.state === 'absent')
      return at < 0
        ? { bytes: text(lines), msg: `${given.name} not present` }
        : { bytes: text(lines.filter((_, index) => index !== at)), msg: `Remove ${given.name}` };
    const password = given.password ?? '';
    const hash =
      at < 0
        ? undefined
        : Buffer.from(lines[at]?.slice(name.length + 1) ?? '', 'latin1')
            .toString('utf8')
            .split(':')[0];
    if (hash !== undefined && isWebPassword(password, hash))
      return { bytes: text(lines), msg: `${given.name} already present` };
    const line = Buffer.from(
      `${given.name}:${webPassword(password, schemeOf(given) ?? 'apr_md5_crypt', seedOf(given))}`,
    ).toString('latin1');
    return { bytes: text(at < 0 ? [...lines, line] : lines.with(at, line)), msg: `Add/update ${given.name}` };
  };
}
