import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseConfigFile } from '../../src/config/config-file.ts';
import { DEFINITIONS } from '../../src/config/definitions.ts';
import { namedSetting } from '../../src/config/named.ts';
import { loadSettings } from '../../src/config/settings.ts';

const root = mkdtempSync(join(tmpdir(), 'vbx-settings-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
function place(files: Record<string, string> = {}) {
  const base = join(root, String(++count));
  mkdirSync(join(base, 'cwd'), { recursive: true });
  mkdirSync(join(base, 'home'));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(base, path), text);
  return { base, cwd: join(base, 'cwd'), home: join(base, 'home') };
}
function load(cfg: string, env: Record<string, string> = {}) {
  const { cwd, home, base } = place({ 'cwd/ansible.cfg': cfg });
  return { ...loadSettings({ env, cwd, home }), cwd, home, base };
}

describe('names of the config lookup', () => {
  it.each([
    ['DEFAULT_FORKS', 100],
    ['DEFAULT_PRIVATE_ROLE_VARS', true],
    ['HOST_KEY_CHECKING', true],
    ['DEFAULT_BECOME_METHOD', 'sudo'],
    ['DEFAULT_HASH_BEHAVIOUR', 'replace'],
    ['DEFAULT_REMOTE_USER', null],
    ['INJECT_FACTS_AS_VARS', true],
    ['NO_SUCH', undefined],
  ])('%s', (name, value) => {
    expect(
      namedSetting(loadSettings({ env: { ANSIBLE_PRIVATE_ROLE_VARS: 'yes' }, cwd: '/', home: '/' }).values, name),
    ).toBe(value);
  });
});

describe('the file', () => {
  it('is ANSIBLE_CONFIG, then ./ansible.cfg, then ~/.ansible.cfg', () => {
    const { cwd, home, base } = place({
      'cwd/ansible.cfg': '[defaults]\nforks=1\n',
      'home/.ansible.cfg': '[defaults]\nforks=2\n',
      'named.cfg': '[defaults]\nforks=3\n',
    });
    expect(loadSettings({ env: { ANSIBLE_CONFIG: join(base, 'named.cfg') }, cwd, home }).values.forks).toBe(3);
    expect(loadSettings({ env: { ANSIBLE_CONFIG: '../cwd' }, cwd, home }).file).toBe(join(cwd, 'ansible.cfg'));
    expect(loadSettings({ env: {}, cwd, home }).values.forks).toBe(1);
    expect(loadSettings({ env: {}, cwd: home, home }).values.forks).toBe(2);
    expect(loadSettings({ env: { ANSIBLE_CONFIG: '/nowhere' }, cwd, home }).values.forks).toBe(1);
  });
  it('of a folder where everybody may write is not used, which is said', () => {
    const { cwd, home } = place({ 'cwd/ansible.cfg': '[defaults]\nforks=1\n' });
    chmodSync(cwd, 0o777);
    const settings = loadSettings({ env: {}, cwd, home });
    expect(settings.values.forks).toBe(100);
    expect(settings.warnings.join()).toMatch(/everybody may write/);
  });
  it('is read as configparser does', () => {
    expect(
      parseConfigFile(
        '# c\n; c\n[a]\nX = 1 ; comment\ny: 2 # no comment\nlong = one\n   two\n\n[b]\nx=3\nempty=\n[a]\nx=4\n',
        'f',
      ).map(({ section, key, value, origin }) => [section, key, value, origin.line]),
    ).toEqual([
      ['a', 'x', '4', 13],
      ['a', 'y', '2 # no comment', 5],
      ['a', 'long', 'one\ntwo', 6],
      ['b', 'x', '3', 10],
      ['b', 'empty', '', 11],
    ]);
    expect(() => parseConfigFile('x=1', 'f')).toThrow(/before the first \[section\]/);
    expect(() => parseConfigFile('[a]\nnothing', 'f')).toThrow(/is no setting/);
  });
});

describe('values', () => {
  it('are typed and know where they were written', () => {
    const settings = load(
      '[defaults]\nforks = 7\nroles_path = roles:~/more:/abs\ninventory = a,b\nhost_key_checking = no\nvault_password_file = ~/.pw\nforce_handlers = True\n[privilege_escalation]\nbecome = yes\n[tags]\nskip = x, y\n',
    );
    expect(settings.values).toMatchObject({
      forks: 7,
      rolesPath: [join(settings.cwd, 'roles'), join(settings.home, 'more'), '/abs'],
      inventory: [join(settings.cwd, 'a'), join(settings.cwd, 'b')],
      hostKeyChecking: false,
      vaultPasswordFile: join(settings.home, '.pw'),
      forceHandlers: true,
      become: true,
      skipTags: ['x', 'y'],
    });
    expect(settings.source('forks')).toEqual({
      kind: 'file',
      name: 'defaults.forks',
      origin: { file: join(settings.cwd, 'ansible.cfg'), line: 2, column: 1 },
    });
    expect(settings.isWritten('timeout')).toBe(false);
    expect(settings.warnings).toEqual([]);
  });
  it('of variables win over those of the file', () => {
    const settings = load('[defaults]\nforks = 7\n[ssh_connection]\nssh_args = -C\n', {
      ANSIBLE_FORKS: '9',
      ANSIBLE_SSH_ARGS: '',
      ANSIBLE_INVENTORY: 'h1,',
      ANSIBLE_ROLES_PATH: 'r',
      NO_COLOR: '1',
    });
    expect(settings.values).toMatchObject({
      forks: 9,
      sshArgs: '',
      inventory: ['h1,'],
      rolesPath: [join(settings.cwd, 'r')],
      noColor: true,
    });
    expect(settings.source('forks')).toEqual({ kind: 'variable', name: 'ANSIBLE_FORKS' });
  });
  it('of the stronger key and variable count', () => {
    expect(load('[defaults]\ntimeout=1\n[ssh_connection]\ntimeout=2\n').values.timeout).toBe(2);
    expect(load('', { EDITOR: 'ed', ANSIBLE_EDITOR: 'vim' }).values.editor).toBe('vim');
  });
  it('that are wrong are errors with their place', () => {
    expect(() => load('[defaults]\nforks = many\n')).toThrow(/defaults.forks must be a whole number, not "many"/);
    expect(() => load('[defaults]\ngathering = never\n')).toThrow(/one of implicit, explicit, smart/);
    expect(() => load('', { ANSIBLE_HASH_BEHAVIOUR: 'mix' })).toThrow(
      /ANSIBLE_HASH_BEHAVIOUR must be one of replace, merge/,
    );
  });
  it('that nobody wrote are as documented', () => {
    const { values, home } = load('');
    expect(values).toMatchObject({
      forks: 100,
      gathering: 'implicit',
      hashBehaviour: 'replace',
      timeout: 10,
      becomeUser: 'root',
      rolesPath: [join(home, '.ansible/roles'), '/usr/share/ansible/roles', '/etc/ansible/roles'],
      inventory: ['/etc/ansible/hosts'],
    });
    expect(values.allowBrokenConditionals).toBeUndefined();
  });
  it('of ANSIBLE_HOME move the default folders', () => {
    expect(load('', { ANSIBLE_HOME: '/h' }).values.collectionsPath[0]).toBe('/h/collections');
  });
});

describe('settings without effect', () => {
  it('are named once, with reason and nearest name, and only when written', () => {
    const { warnings } = load(
      '[defaults]\njinja2_native = false\nfork = 3\ncallbacks_enabled = timer\n[galaxy]\nserver = x\n',
      { ANSIBLE_LIBRARY: 'lib', ANSIBLE_PIPELINING: '1' },
    );
    expect(warnings).toEqual([
      'settings without effect in vbx: defaults.jinja2_native (templates always give native types), defaults.fork (is "forks" meant?), defaults.callbacks_enabled (see --reporter)',
    ]);
  });
  it('are named where vbx reads them for lookups alone, unless they are as usual', () => {
    expect(load('[ssh_connection]\nretries = 3\n', { ANSIBLE_MAX_DIFF_SIZE: '5' }).warnings).toEqual([
      'settings without effect in vbx: ssh_connection.retries, ANSIBLE_MAX_DIFF_SIZE',
    ]);
    expect(load('[ssh_connection]\nretries = 0\n', {}).warnings).toEqual([]);
  });
});

it('every setting has a place of its own to be written at', () => {
  expect(Object.entries(DEFINITIONS).filter(([, { ini, env }]) => ini.length + env.length === 0)).toEqual([]);
  const places = Object.values(DEFINITIONS).flatMap(({ ini, env }) => [...ini, ...env]);
  expect(places.filter((place, index) => places.indexOf(place) !== index)).toEqual([]);
});
