// docker_login: the login of this user to a registry, kept where Docker's client keeps it. The password goes in by stdin only.
import { bool, choice, field, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import { objectAt, parseJson, textAt } from '../probes/json.ts';
import { pathProbe } from '../probes/path.ts';
import { dockerArgs } from './docker/docker-args.ts';
import { dockerCommand } from './docker/docker-command.ts';

const HUB = 'https://index.docker.io/v1/';
const shape = {
  ...dockerArgs,
  registry_url: field(str().default(HUB), { aliases: ['registry', 'url'] }).describe('The registry'),
  username: str().optional(),
  password: field(str().optional(), { secret: true }),
  reauthorize: field(bool().default(false), { aliases: ['reauth'] }).describe('Log in even if the login is there'),
  state: choice('present', 'absent').default('present'),
  config_path: field(str().default('~/.docker/config.json'), { aliases: ['dockercfg_path'] }).describe(
    'File that keeps logins, on the host',
  ),
};

export const docker_login = defineModule<typeof shape, { config: PathState }>({
  name: 'community.docker.docker_login',
  summary: 'Log in to a registry or out of it',
  args: shape,
  check: (args) =>
    args.state === 'present' && (args.username === undefined || args.password === undefined)
      ? 'state is present but username or password is missing'
      : !args.config_path.endsWith('/config.json')
        ? 'config_path must end in /config.json'
        : undefined,
  example: `
- community.docker.docker_login:
    registry_url: registry.example.org
    state: absent
`,
  probe: (args) => ({ config: pathProbe(args.config_path, { content: 'bytes' }) }),
})({
  plan: (args, { config }) => {
    const file = config.kind === 'link' ? config.real : config;
    const auths = objectAt(parseJson(file.kind === 'file' ? (file.content?.bytes ?? '') : ''), 'auths');
    const has = Object.hasOwn(auths, args.registry_url);
    if (args.state === 'absent')
      return { after: {}, effects: has ? [{ kind: 'logout', text: `log out of ${args.registry_url}` }] : [] };
    const login = Buffer.from(`${args.username ?? ''}:${args.password ?? ''}`).toString('base64');
    return {
      after: {},
      effects:
        args.reauthorize || textAt(auths, args.registry_url, 'auth') !== login
          ? [{ kind: 'login', text: `log in to ${args.registry_url} as ${args.username ?? ''}` }]
          : [],
    };
  },
  apply: (args) => {
    const folder = args.config_path.replace(/\/config\.json$/, '');
    const config = folder === '~/.docker' ? [] : ['--config', folder];
    const registry = args.registry_url === HUB ? [] : [args.registry_url];
    if (args.state === 'absent') return [{ kind: 'run', argv: dockerCommand(args, ...config, 'logout', ...registry) }];
    return [
      {
        kind: 'run',
        argv: dockerCommand(
          args,
          ...config,
          'login',
          '--username',
          args.username ?? '',
          '--password-stdin',
          ...registry,
        ),
        stdin: args.password ?? '',
        secret: true,
        timeout: args.timeout,
      },
    ];
  },
  result: (args) =>
    args.state === 'absent' ? {} : { login_result: { serveraddress: args.registry_url, username: args.username } },
});
