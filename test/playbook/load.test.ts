// Playbooks as loaded: what is parsed, what is inherited, where roles and files are found.
import { describe, expect, test } from 'vitest';
import { describeError } from '../../src/core/error.ts';
import { TemplateText } from '../../src/core/value.ts';
import type { Task } from '../../src/core/play.ts';
import { pluginFiles } from '../../src/playbook/plugin-folders.ts';
import { resolveFile, searchFolders } from '../../src/playbook/search-path.ts';
import { walkTasks } from '../../src/playbook/walk.ts';
import { allTasks, memoryFiles, named, plain, tasksIn, testLoader, type Tree } from './memory-files.ts';

const load = (text: string, tree: Tree = {}) =>
  testLoader({ ...tree, '/p/site.yml': text }).loadPlaybook('/p/site.yml');
const values = (written: readonly { value: Parameters<typeof plain>[0] }[]) => written.map((one) => plain(one.value));
const tagsOf = (task: Task) => task.tags.map(plain);
/** What a task sees of its own layers, later ones over earlier. */
const varsOf = (task: Task) =>
  Object.assign({}, ...task.vars.map((layer) => plain(layer.vars))) as Record<string, unknown>;
const keywordsOf = (task: Task) =>
  Object.fromEntries(Object.entries(task.keywords).map(([name, written]) => [name, plain(written.value)]));

describe('actions', () => {
  const action = (yaml: string): unknown => {
    const [task] = allTasks(load(`- hosts: all\n  tasks:\n${yaml.replace(/^(?=.)/gm, '    ')}`).plays[0]);
    return (
      task && {
        action: task.action,
        args: plain(task.args),
        ...(task.keywords.delegate_to && { delegate: task.keywords.delegate_to.value }),
      }
    );
  };
  test.each<[string, string, unknown]>([
    [
      'a mapping',
      '- copy:\n    src: a\n    dest: "{{ b }}"',
      { action: 'ansible.builtin.copy', args: { src: 'a', dest: '{{ b }}' } },
    ],
    ['short form', '- copy: src=a dest="/b c"', { action: 'ansible.builtin.copy', args: { src: 'a', dest: '/b c' } }],
    [
      'short form over lines',
      '- copy: src=a\n        dest=b',
      { action: 'ansible.builtin.copy', args: { src: 'a', dest: 'b' } },
    ],
    ['a full name', '- ansible.builtin.ping:', { action: 'ansible.builtin.ping', args: {} }],
    [
      'a command',
      '- command: ls -l creates=/x',
      { action: 'ansible.builtin.command', args: { _raw_params: 'ls -l', creates: '/x' } },
    ],
    [
      'a command as a mapping',
      '- command:\n    cmd: ls\n    chdir: /',
      { action: 'ansible.builtin.command', args: { cmd: 'ls', chdir: '/' } },
    ],
    [
      'a command with args beside',
      '- shell: |\n    a=1\n    echo $a\n  args:\n    executable: /bin/bash',
      { action: 'ansible.builtin.shell', args: { executable: '/bin/bash', _raw_params: 'a=1\necho $a\n' } },
    ],
    [
      'args that the module overrides',
      '- copy: src=a\n  args:\n    src: z\n    dest: b',
      { action: 'ansible.builtin.copy', args: { src: 'a', dest: 'b' } },
    ],
    [
      'args as a template',
      '- copy:\n  args: "{{ x }}"',
      { action: 'ansible.builtin.copy', args: { _variable_params: '{{ x }}' } },
    ],
    [
      'the whole mapping as a template',
      '- copy: "{{ x }}"',
      { action: 'ansible.builtin.copy', args: { _variable_params: '{{ x }}' } },
    ],
    ['action', '- action: copy src=a dest=b', { action: 'ansible.builtin.copy', args: { src: 'a', dest: 'b' } }],
    [
      'action as a mapping',
      '- action:\n    module: copy\n    src: a\n    args: {dest: b}',
      { action: 'ansible.builtin.copy', args: { src: 'a', dest: 'b' } },
    ],
    [
      'local_action',
      '- local_action: command echo hi',
      { action: 'ansible.builtin.command', args: { _raw_params: 'echo hi' }, delegate: 'localhost' },
    ],
    [
      'local_action as a mapping',
      '- local_action: {module: debug, msg: x}',
      { action: 'ansible.builtin.debug', args: { msg: 'x' }, delegate: 'localhost' },
    ],
    ['meta', '- meta: flush_handlers', { action: 'ansible.builtin.meta', args: { _raw_params: 'flush_handlers' } }],
    [
      'include, as include_tasks',
      '- include: x.yml',
      { action: 'ansible.builtin.include_tasks', args: { _raw_params: 'x.yml' } },
    ],
  ])('%s', (_name, yaml, expected) => {
    expect(action(yaml)).toEqual(expected);
  });

  test('a module whose name is a template is resolved when the task runs', () => {
    const [task] = allTasks(load('- hosts: all\n  tasks:\n    - action: "{{ mod }} a=1"\n').plays[0]);
    expect(task?.actionTemplate?.source).toBe('{{ mod }}');
    expect(plain(task?.args)).toEqual({ a: '1' });
  });

  test('a short name is searched in the collections of the play', () => {
    const [task] = allTasks(
      load('- hosts: all\n  collections: [community.docker]\n  tasks:\n    - docker_container: {name: x}\n').plays[0],
    );
    expect(task?.action).toBe('community.docker.docker_container');
  });

  test('a template among the collections names none and is warned of', () => {
    const { plays, warnings } = load(
      '- hosts: all\n  collections: ["{{ c }}", community.docker]\n  tasks:\n    - docker_container: {name: x}\n',
    );
    expect(allTasks(plays[0]).map(({ action }) => action)).toEqual(['community.docker.docker_container']);
    expect(warnings.map(({ message }) => message)).toEqual([
      '"collections" is not templatable: {{ c }} names no collection',
    ]);
  });

  test('so are those of a block and a task', () => {
    const { warnings } = load(
      '- hosts: all\n  tasks:\n    - collections: ["{{ a }}"]\n      block:\n        - {ping: , collections: ["{{ b }}"]}\n',
    );
    expect(warnings.map(({ message, origin }) => [message, origin?.line])).toEqual([
      ['"collections" is not templatable: {{ a }} names no collection', 3],
      ['"collections" is not templatable: {{ b }} names no collection', 5],
    ]);
  });

  test('arguments know their places, those of the short form too', () => {
    const [short, long] = allTasks(
      load('- hosts: all\n  tasks:\n    - copy: src=a dest="{{ b }}"\n    - copy:\n        src: x\n').plays[0],
    );
    expect(short?.argOrigin('dest')).toEqual({ file: '/p/site.yml', line: 3, column: 24 });
    expect(long?.argOrigin('src')).toEqual({ file: '/p/site.yml', line: 5, column: 9 });
    expect(long?.argOrigin('dest')).toEqual({ file: '/p/site.yml', line: 4, column: 7 });
  });
});

describe('tasks', () => {
  const one = (yaml: string) =>
    allTasks(load(`- hosts: all\n  tasks:\n    - ping:\n${yaml.replace(/^(?=.)/gm, '      ')}`).plays[0])[0];
  test('loops', () => {
    expect(one('loop: [1, 2]')?.loop).toMatchObject({ lookup: 'loop', value: [1, 2], control: { loopVar: 'item' } });
    expect(one('with_dict: "{{ x }}"')?.loop).toMatchObject({
      lookup: 'dict',
      value: new TemplateText('{{ x }}', { file: '/p/site.yml', line: 4, column: 19 }),
    });
    expect(one('with_community.general.flattened: [a]')?.loop?.lookup).toBe('community.general.flattened');
    expect(
      one(
        'loop: []\nloop_control: {loop_var: x, index_var: i, label: "{{ x }}", pause: 3, extended: true, extended_allitems: false, break_when: [a, b]}',
      )?.loop?.control,
    ).toMatchObject({
      loopVar: 'x',
      indexVar: 'i',
      label: { value: { source: '{{ x }}' } },
      pause: { value: 3 },
      extended: { value: true },
      extendedAllItems: { value: false },
      breakWhen: [{ value: 'a' }, { value: 'b' }],
    });
  });
  test('lists and single values', () => {
    const task = one(
      'when: a\nnotify: h\nuntil: [b, c]\nenvironment: {A: 1}\nregister: r\ntags: x, y\nasync: 10\npoll: 0\nname: N',
    );
    expect(
      task && {
        when: values(task.when),
        notify: values(task.notify),
        env: values(task.environment),
        register: task.register,
        tags: task.tags,
        keywords: keywordsOf(task),
        name: task.name,
      },
    ).toEqual({
      when: ['a'],
      notify: ['h'],
      env: [{ A: 1 }],
      register: 'r',
      tags: ['x', 'y'],
      keywords: { until: ['b', 'c'], async: 10, poll: 0 },
      name: 'N',
    });
  });
  test('empty conditions hold', () => {
    expect(one('when: ""')?.when).toEqual([]);
    expect(values(one('when: [true, null, x]')?.when ?? [])).toEqual([true, 'x']);
  });
  test('tags with templates', () => {
    expect(one('tags: "{{ a | join(\',\') }},b"')?.tags.map(plain)).toEqual(["{{ a | join(',') }}", 'b']);
    expect(one('tags: [a, "b,c", 3]')?.tags).toEqual(['a', 'b,c', 3]);
  });
});

test('nested blocks hand down their keywords, the nearest winning, and add conditions, tags, variables and environment', () => {
  const [play] = load(`
- hosts: all
  become: false
  no_log: false
  tags: [p]
  environment: {E: play}
  module_defaults: {copy: {mode: '1'}}
  tasks:
    - block:
        - block:
            - name: inner
              ping:
              when: c
              tags: t
              vars: {v: task, w: 3}
              become: true
              environment: {E: task}
          rescue:
            - name: rescued
              ping:
          always:
            - name: always
              ping:
          when: [b1, b2]
          vars: {v: block2, u: 2}
          notify: h2
      when: a
      tags: [b]
      vars: {v: block1}
      become_user: u
      notify: h1
      environment: [{E: block}, "{{ e }}"]
      module_defaults: [{copy: {mode: '2'}}]
`).plays;
  const inner = named(allTasks(play), 'inner');
  expect({
    when: values(inner.when),
    tags: tagsOf(inner),
    vars: varsOf(inner),
    levels: inner.vars.map((layer) => layer.level),
    env: values(inner.environment),
    keywords: keywordsOf(inner),
    notify: values(inner.notify),
    defaults: values(inner.moduleDefaults),
  }).toEqual({
    when: ['a', 'b1', 'b2', 'c'],
    tags: ['p', 'b', 't'],
    vars: { v: 'task', u: 2, w: 3 },
    levels: ['block vars', 'block vars', 'task vars'],
    env: [{ E: 'play' }, { E: 'block' }, '{{ e }}', { E: 'task' }],
    keywords: { become: true, no_log: false, become_user: 'u' },
    notify: ['h2'],
    defaults: [{ copy: { mode: '1' } }, { copy: { mode: '2' } }],
  });
  expect(values(named(allTasks(play), 'rescued').when)).toEqual(['a', 'b1', 'b2']);
  expect(keywordsOf(named(allTasks(play), 'always'))).toEqual({ become: false, no_log: false, become_user: 'u' });
  expect(play && [...walkTasks(play)].map(({ task, blocks }) => [task.name, blocks.map(({ part }) => part)])).toEqual([
    ['inner', ['block', 'block']],
    ['rescued', ['block', 'rescue']],
    ['always', ['block', 'always']],
  ]);
});

test('a play: its settings, prompts and sections', () => {
  const [play] = load(`
- name: P {{ x }}
  hosts: [a, "{{ b }}"]
  gather_facts: no
  serial: [1, 50%]
  strategy: free
  order: sorted
  max_fail_percentage: 30
  any_errors_fatal: true
  user: me
  vars: {a: 1}
  vars_files: [x.yml, [y.yml, "{{ z }}.yml"]]
  vars_prompt:
    - {name: pw, prompt: "P?", private: no, confirm: yes, encrypt: sha512_crypt, salt_size: 7, default: d}
    - name: q
  pre_tasks: [{name: pre, ping: }]
  tasks: [{name: main, ping: }]
  post_tasks: [{name: post, ping: }]
  handlers: [{name: h, ping: , listen: [l, m]}]
`).plays;
  expect(
    play && {
      name: plain(play.name),
      hosts: plain(play.hosts.value),
      settings: Object.fromEntries(Object.entries(play.settings).map(([key, written]) => [key, plain(written.value)])),
      keywords: Object.keys(play.keywords),
      vars: plain(play.vars.vars),
      level: play.vars.level,
      files: values(play.varsFiles),
      dir: play.playbookDir,
    },
  ).toEqual({
    name: 'P {{ x }}',
    hosts: ['a', '{{ b }}'],
    settings: { gather_facts: false, serial: [1, '50%'], strategy: 'free', order: 'sorted', max_fail_percentage: 30 },
    keywords: ['any_errors_fatal', 'remote_user'],
    vars: { a: 1 },
    level: 'play vars',
    files: ['x.yml', ['y.yml', '{{ z }}.yml']],
    dir: '/p',
  });
  expect(play?.varsPrompt).toMatchObject([
    {
      name: 'pw',
      prompt: 'P?',
      private: false,
      confirm: true,
      encrypt: 'sha512_crypt',
      saltSize: 7,
      default: 'd',
      unsafe: false,
    },
    { name: 'q', prompt: 'q', private: true, confirm: false },
  ]);
  expect(play && [...walkTasks(play)].map(({ task, section }) => [section, task.name, task.isHandler])).toEqual([
    ['pre_tasks', 'pre', false],
    ['tasks', 'main', false],
    ['post_tasks', 'post', false],
    ['handlers', 'h', true],
  ]);
  expect(values(play?.handlers.flatMap((node) => (node.kind === 'task' ? node.listen : [])) ?? [])).toEqual(['l', 'm']);
});

test('the same playbook gives the same ids, and no id twice', () => {
  const text = '- hosts: a\n  tasks: [{ping: }, {block: [{ping: }]}]\n- hosts: b\n  tasks: [{ping: }]\n';
  const ids = () => load(text).plays.flatMap((play) => [play.id, ...allTasks(play).map((task) => task.id)]);
  expect(ids()).toEqual(ids());
  expect(new Set(ids()).size).toBe(5);
});

describe('import_tasks', () => {
  const tree = {
    '/p/tasks/one.yml': '- name: one\n  ping:\n  tags: t1\n- import_tasks: two.yml\n  when: w2\n',
    '/p/tasks/two.yml': '- name: two\n  ping:\n  when: own\n',
  };
  test('hands its conditions, tags, variables and keywords down', () => {
    const [play] = load(
      '- hosts: all\n  vars: {which: one}\n  tasks:\n    - import_tasks: "tasks/{{ which }}.yml"\n      when: w1\n      tags: imp\n      become: true\n      vars: {v: 1}\n',
      tree,
    ).plays;
    const [one, two] = allTasks(play);
    expect(
      one && {
        tags: tagsOf(one),
        when: values(one.when),
        keywords: keywordsOf(one),
        vars: varsOf(one),
        levels: one.vars.map((layer) => layer.level),
        from: one.includedFrom.map((at) => at.line),
      },
    ).toEqual({
      tags: ['imp', 't1'],
      when: ['w1'],
      keywords: { become: true },
      vars: { v: 1 },
      levels: ['block vars'],
      from: [4],
    });
    expect(two && { when: values(two.when), tags: tagsOf(two), file: two.origin.file }).toEqual({
      when: ['w1', 'w2', 'own'],
      tags: ['imp'],
      file: '/p/tasks/two.yml',
    });
  });
  test('a name takes variables of -e', () => {
    const loader = testLoader(
      { '/p/site.yml': '- hosts: all\n  tasks:\n    - import_tasks: "{{ f }}"\n', '/p/e.yml': '- name: e\n  ping:\n' },
      { extraVars: [{ level: 'extra vars', vars: load('- hosts: all\n  vars: {f: e.yml}\n').plays[0]!.vars.vars }] },
    );
    expect(allTasks(loader.loadPlaybook('/p/site.yml').plays[0]).map((task) => task.name)).toEqual(['e']);
  });
});

test('import_playbook hands variables, tags and conditions to each play', () => {
  const playbook = load(
    '- import_playbook: sub/other.yml\n  vars: {a: outer, b: 2}\n  tags: imp\n  when: cond\n- hosts: last\n',
    {
      '/p/sub/other.yml':
        '- hosts: x\n  vars: {a: inner, c: 3}\n  tags: own\n  tasks: [{name: t, ping: , when: mine}]\n- import_playbook: third.yml\n',
      '/p/sub/third.yml': '- hosts: y\n',
    },
  );
  expect(
    playbook.plays.map((play) => [
      play.hosts.value,
      plain(play.vars.vars),
      play.tags,
      play.playbookDir,
      values(play.when ?? []),
    ]),
  ).toEqual([
    ['x', { a: 'outer', c: 3, b: 2 }, ['imp', 'own'], '/p/sub', ['cond']],
    ['y', { a: 'outer', b: 2 }, ['imp'], '/p/sub', ['cond']],
    ['last', {}, [], '/p', []],
  ]);
  expect(values(allTasks(playbook.plays[0])[0]?.when ?? [])).toEqual(['cond', 'mine']);
});

describe('roles', () => {
  const tree = {
    '/p/roles/web/tasks/main.yml': '- name: web\n  ping:\n  notify: restart web\n- import_tasks: more.yml\n',
    '/p/roles/web/tasks/more.yml': '- name: more\n  ping:\n',
    '/p/roles/web/handlers/main.yml': '- name: restart web\n  ping:\n',
    '/p/roles/web/defaults/main.yml': 'port: 80\nhost: web\n',
    '/p/roles/web/vars/main/a.yml': 'x: 1\ny: 1\n',
    '/p/roles/web/vars/main/b.yml': 'y: 2\n',
    '/p/roles/web/vars/main/.hidden.yml': 'x: 9\n',
    '/p/roles/web/meta/main.yml':
      'allow_duplicates: true\ndependencies:\n  - role: base\n    level: 3\n    tags: dep\n  - common\n',
    '/etc/roles/base/tasks/main.yml': '- name: base\n  ping:\n',
    '/etc/roles/base/handlers/main.yaml': '- name: base handler\n  ping:\n',
    '/p/roles/common/tasks/main.json': '[{"name": "common", "ping": null}]',
    '/p/roles/web/tasks/extra.yml': '- name: extra\n  ping:\n',
    '/p/roles/web/vars/other.yml': 'x: other\n',
  };
  const site =
    '- hosts: all\n  become: true\n  tags: play\n  roles:\n    - role: web\n      number: 81\n      tags: [r]\n      when: cond\n      vars: {y: given}\n      become: false\n';

  test('bring dependencies first, then their tasks; the place of use hands keywords down to all', () => {
    const [play] = load(site, tree).plays;
    const tasks = allTasks(play);
    expect(
      tasks.map((task) => [
        task.name,
        task.role?.name,
        tagsOf(task),
        values(task.when),
        plain(task.keywords.become?.value),
      ]),
    ).toEqual([
      ['base', 'base', ['play', 'r', 'dep'], ['cond'], false],
      ['common', 'common', ['play', 'r'], ['cond'], false],
      ['web', 'web', ['play', 'r'], ['cond'], false],
      ['more', 'web', ['play', 'r'], ['cond'], false],
    ]);
    const marks = play?.roles[0]?.nodes.filter((node) => node.kind === 'task' && node.implicit === true);
    expect(marks?.map((node) => [node.role?.name, node.kind === 'task' && plain(node.args)])).toEqual([
      ['base', { _raw_params: 'role_complete' }],
      ['common', { _raw_params: 'role_complete' }],
      ['web', { _raw_params: 'role_complete' }],
    ]);
  });
  test('have defaults, variables, parameters, dependencies and parents', () => {
    const [play] = load(site, tree).plays;
    const role = play?.roles[0]?.role;
    expect(
      role && {
        defaults: plain(role.defaults.vars),
        vars: plain(role.vars.vars),
        params: plain(role.params),
        duplicates: role.allowDuplicates,
        public: role.public,
        path: role.path,
        deps: role.dependencies.map((dep) => [
          dep.name,
          dep.path,
          plain(dep.params),
          dep.parents.map((parent) => parent.name),
        ]),
      },
    ).toEqual({
      defaults: { port: 80, host: 'web' },
      vars: { x: 1, y: 2 },
      params: { number: 81 },
      duplicates: true,
      public: true,
      path: '/p/roles/web',
      deps: [
        ['base', '/etc/roles/base', { level: 3 }, ['web']],
        ['common', '/p/roles/common', {}, ['web']],
      ],
    });
    expect(role?.vars.originOf?.('y')).toEqual({ file: '/p/roles/web/vars/main/b.yml', line: 1, column: 1 });
    const web = named(allTasks(play), 'web');
    expect(web.vars.map((layer) => [layer.level, plain(layer.vars)])).toEqual([['role vars', { y: 'given' }]]);
  });
  test("give their handlers to the play, before the play's own", () => {
    const [play] = load(`${site}  handlers: [{name: own, ping: }]\n`, tree).plays;
    expect(tasksIn(play?.handlers ?? []).map((task) => [task.name, task.role?.name, task.isHandler])).toEqual([
      ['base handler', 'base', true],
      ['restart web', 'web', true],
      ['own', undefined, true],
    ]);
  });
  test('are one role when used alike, another with other parameters', () => {
    const [play] = load(
      '- hosts: all\n  roles: [common, {role: common}, {role: common, a: 1}, {role: common, tags: x}]\n',
      tree,
    ).plays;
    const uids = play?.roles.map((run) => run.role.uid) ?? [];
    expect([uids[0] === uids[1], uids[0] === uids[2], uids[0] === uids[3]]).toEqual([true, false, false]);
  });
  test('import_role: a name that renders empty is the folder of the roles, which has no tasks', () => {
    const [play] = load(
      `- hosts: all\n  vars: {none: ""}\n  tasks:\n    - import_role: {name: "{{ none }}"}\n    - {name: last, ping: }\n`,
      { '/p/roles/web/tasks/main.yml': '- name: web\n  ping:\n' },
    ).plays;
    expect(allTasks(play).map(({ name }) => name)).toEqual(['last']);
  });
  test("import_role: its files, its keywords, its handlers behind the play's", () => {
    const [play] = load(
      '- hosts: all\n  tasks:\n    - import_role: {name: web, tasks_from: extra, vars_from: other.yml, public: false}\n      when: w\n      tags: t\n      vars: {v: 1}\n  handlers: [{name: own, ping: }]\n',
      tree,
    ).plays;
    const extra = named(allTasks(play), 'extra');
    expect({
      when: values(extra.when),
      tags: tagsOf(extra),
      vars: varsOf(extra),
      role: plain(extra.role?.vars.vars),
      public: extra.role?.public,
      duplicates: extra.role?.allowDuplicates,
    }).toEqual({ when: ['w'], tags: ['t'], vars: { v: 1 }, role: { x: 'other' }, public: false, duplicates: true });
    expect(tasksIn(play?.handlers ?? []).map((task) => task.name)).toEqual(['own', 'base handler', 'restart web']);
  });
  test.each([
    ['/srv/web', '/srv/web'],
    ['{{ playbook_dir }}/../srv/web', '/p/../srv/web'],
    ['./more/web', './more/web'],
    ['web', 'web'],
  ])('a role is named as it is written: %s', (written, name) => {
    const tasks = '- ping:\n';
    const { plays } = load(`- hosts: all\n  vars: {playbook_dir: /p}\n  roles: ["${written}"]\n`, {
      '/srv/web/tasks/main.yml': tasks,
      '/p/more/web/tasks/main.yml': tasks,
      '/p/roles/web/tasks/main.yml': tasks,
    });
    expect(allTasks(plays[0]).map(({ role }) => role?.name)).toEqual([name]);
  });

  test('of a collection beside the playbook that was asked for, in what it imports from another folder and in playbooks of the collection', () => {
    const files = {
      '/p/play.yml': '- import_playbook: sub/other.yml\n- import_playbook: my.own.pb\n',
      '/p/sub/other.yml': '- hosts: all\n  roles: [my.own.app]\n',
      '/p/collections/ansible_collections/my/own/playbooks/pb.yml': '- hosts: all\n  roles: [app]\n',
      '/p/collections/ansible_collections/my/own/roles/app/tasks/main.yml': '- name: app\n  ping:\n',
    };
    const { plays } = testLoader(files).loadPlaybook('/p/play.yml');
    expect(plays.map((play) => allTasks(play).map((task) => task.role?.fqcn))).toEqual([
      ['my.own.app'],
      ['my.own.app'],
    ]);
  });
  test('of collections, beside the playbook and elsewhere', () => {
    const files = {
      '/p/collections/ansible_collections/my/own/roles/app/tasks/main.yml': '- name: app\n  ping:\n',
      '/p/collections/ansible_collections/my/own/roles/app/meta/main.yml': 'dependencies: [helper]\n',
      '/p/collections/ansible_collections/my/own/roles/helper/tasks/main.yml': '- name: helper\n  ping:\n',
      '/usr/share/ansible_collections/other/one/roles/deep/er/tasks/main.yml': '- name: deep\n  ping:\n',
    };
    const [play] = load(
      '- hosts: all\n  collections: [my.own]\n  roles: [my.own.app, helper, other.one.deep.er]\n',
      files,
    ).plays;
    expect(allTasks(play).map((task) => [task.name, task.role?.fqcn, task.role?.collection, task.collections])).toEqual(
      [
        ['helper', 'my.own.helper', 'my.own', ['my.own']],
        ['app', 'my.own.app', 'my.own', ['my.own']],
        ['helper', 'my.own.helper', 'my.own', ['my.own']],
        ['deep', 'other.one.deep.er', 'other.one', ['other.one']],
      ],
    );
  });
  test('a role with argument specs begins by checking them', () => {
    const [play] = load('- hosts: all\n  roles: [{role: spec, a: 1, tags: t}]\n', {
      '/p/roles/spec/meta/argument_specs.yml':
        'argument_specs:\n  main:\n    short_description: The main one\n    options:\n      a: {type: int}\n',
      '/p/roles/spec/tasks/main.yml': '- name: t\n  ping:\n',
    }).plays;
    const [check] = allTasks(play);
    expect(check && { name: check.name, action: check.action, tags: check.tags, args: plain(check.args) }).toEqual({
      name: "Validating arguments against arg spec 'main' - The main one",
      action: 'ansible.builtin.validate_argument_spec',
      tags: ['t', 'always'],
      args: {
        argument_spec: { a: { type: 'int' } },
        provided_arguments: { a: 1 },
        validate_args_context: { type: 'role', name: 'spec', argument_spec_name: 'main', path: '/p/roles/spec' },
      },
    });
  });
  test('plugins beside the playbook and in roles are found', () => {
    const all = {
      ...tree,
      '/p/site.yml': site,
      '/p/filter_plugins/f.py': '',
      '/p/filter_plugins/__init__.py': '',
      '/p/roles/web/library/m.py': '',
      '/etc/roles/base/lookup_plugins/l.py': '',
    };
    expect(pluginFiles(testLoader(all).loadPlaybook('/p/site.yml'), memoryFiles(all))).toEqual([
      { kind: 'filter_plugins', path: '/p/filter_plugins/f.py' },
      { kind: 'library', path: '/p/roles/web/library/m.py' },
      { kind: 'lookup_plugins', path: '/etc/roles/base/lookup_plugins/l.py' },
    ]);
  });
});

describe('includes, when they run', () => {
  const tree: Tree = {
    '/p/site.yml':
      '- hosts: all\n  become: true\n  tasks:\n    - block:\n        - name: inc\n          include_tasks:\n            file: tasks/inc.yml\n            apply: {tags: [applied], become_user: bob, when: aw}\n          when: own\n          tags: [tag]\n          vars: {v: include, w: 1}\n        - name: role\n          include_role: {name: r, apply: {tags: ra}}\n      when: around\n      tags: block\n      vars: {v: block}\n',
    '/p/tasks/inc.yml': '- name: included\n  ping:\n  when: mine\n- name: nested\n  include_tasks: sub/deeper.yml\n',
    '/p/tasks/sub/deeper.yml': '- name: deeper\n  ping:\n',
    '/p/roles/r/tasks/main.yml': '- name: in role\n  ping:\n- name: again\n  include_role: {name: other}\n',
    '/p/roles/r/tasks/alt.yml': '- name: alt\n  ping:\n',
    '/p/roles/r/handlers/main.yml': '- name: rh\n  ping:\n',
    '/p/roles/other/tasks/main.yml': '- name: other\n  ping:\n',
  };
  test('of tasks: inherit what is around the include and what apply says; of the include itself only vars', () => {
    const loader = testLoader(tree);
    const [play] = loader.loadPlaybook('/p/site.yml').plays;
    const include = named(allTasks(play), 'inc');
    expect(values(include.when)).toEqual(['around', 'own']);
    const [included, nested] = tasksIn(loader.loadIncludedTasks('tasks/inc.yml', include).nodes);
    expect(
      included && {
        when: values(included.when),
        tags: tagsOf(included),
        keywords: keywordsOf(included),
        vars: varsOf(included),
        levels: included.vars.map((layer) => layer.level),
      },
    ).toEqual({
      when: ['around', 'aw', 'mine'],
      tags: ['block', 'applied'],
      keywords: { become: true, become_user: 'bob' },
      vars: { v: 'include', w: 1 },
      levels: ['block vars', 'include params'],
    });
    const [deeper] = nested === undefined ? [] : tasksIn(loader.loadIncludedTasks('sub/deeper.yml', nested).nodes);
    expect(deeper?.name).toBe('deeper');
    expect(deeper?.vars.map((layer) => layer.level)).toEqual(['block vars', 'include params']);
    expect(deeper?.includedFrom.map((at) => `${at.file}:${at.line}`)).toEqual(['/p/site.yml:5', '/p/tasks/inc.yml:4']);
  });
  test('each time with ids of their own, and with the variables of its loop', () => {
    const loader = testLoader(tree);
    const include = named(allTasks(loader.loadPlaybook('/p/site.yml').plays[0]), 'inc');
    const vars = load('- hosts: all\n  vars: {item: 5, v: loop}\n').plays[0]?.vars.vars;
    const first = tasksIn(loader.loadIncludedTasks('/p/tasks/inc.yml', include, { vars }).nodes);
    const second = tasksIn(loader.loadIncludedTasks('/p/tasks/inc.yml', include).nodes);
    expect(first[0] && varsOf(first[0])).toEqual({ v: 'loop', w: 1, item: 5 });
    expect(new Set([...first, ...second].map((task) => task.id)).size).toBe(4);
  });
  test('of roles: tasks, handlers, and the roles that led there', () => {
    const loader = testLoader(tree);
    const include = named(allTasks(loader.loadPlaybook('/p/site.yml').plays[0]), 'role');
    const { role, nodes, handlers } = loader.loadIncludedRole('r', include, { public: true });
    expect([role.public, role.allowDuplicates, tasksIn(handlers).map((task) => task.name)]).toEqual([
      true,
      true,
      ['rh'],
    ]);
    const [inRole, again] = tasksIn(nodes);
    expect(inRole && { tags: tagsOf(inRole), when: values(inRole.when), keywords: keywordsOf(inRole) }).toEqual({
      tags: ['block', 'ra'],
      when: ['around'],
      keywords: { become: true },
    });
    const inner = again === undefined ? undefined : loader.loadIncludedRole('other', again);
    expect(inner && [inner.role.parents.map((parent) => parent.name), inner.role.public]).toEqual([['r'], false]);
    expect(tasksIn(loader.loadIncludedRole('r', include, { tasksFrom: 'alt' }).nodes).map((task) => task.name)).toEqual(
      ['alt'],
    );
  });
  test('files of variables', () => {
    const loader = testLoader({ '/p/v.yml': 'a: 1\n', '/p/l.yml': '- a: 1\n- b: 2\n', '/p/e.yml': '' });
    expect(
      ['/p/v.yml', '/p/l.yml', '/p/e.yml', '/p/none.yml'].map((file) =>
        loader.loadVarsFile(file)?.map((layer) => plain(layer.vars)),
      ),
    ).toEqual([[{ a: 1 }], [{ a: 1 }, { b: 2 }], [], undefined]);
  });
});

describe('files of a task', () => {
  const tree = {
    '/p/roles/a/tasks/main.yml': '- name: t\n  ping:\n',
    '/p/roles/a/meta/main.yml': 'dependencies: [b]\n',
    '/p/roles/b/tasks/main.yml': '- name: u\n  ping:\n',
    '/p/roles/a/files/x': '',
    '/p/files/x': '',
    '/p/files/y': '',
    '/p/files/files/z': '',
    '/p/templates/t.j2': '',
  };
  const [play] = load('- hosts: all\n  roles: [a]\n', tree).plays;
  test("are looked for in its role, the roles that led there, its own folder, the playbook's", () => {
    expect(play && searchFolders(named(allTasks(play), 'u'), 'files', play)).toEqual([
      '/p/roles/b/files',
      '/p/roles/b',
      '/p/roles/a/files',
      '/p/roles/a',
      '/p/roles/b/tasks/files',
      '/p/roles/b/tasks',
      '/p/files',
      '/p',
    ]);
    const task = named(allTasks(play), 't');
    const find = (name: string) => play && resolveFile(name, task, 'files', play, memoryFiles(tree));
    expect(['x', 'y', 'files/y', '/p/files/x'].map(find)).toEqual([
      '/p/roles/a/files/x',
      '/p/files/y',
      '/p/files/y',
      '/p/files/x',
    ]);
  });
  test('that are nowhere: the error tells where it looked', () => {
    const task = named(allTasks(play), 't');
    expect(() => play && resolveFile('none', task, 'templates', play, memoryFiles(tree))).toThrow(
      "Could not find or access 'none' on the Ansible Controller.",
    );
    try {
      if (play) resolveFile('none', task, 'templates', play, memoryFiles(tree));
    } catch (error) {
      expect(describeError(error, () => undefined)).toBe(
        "Could not find or access 'none' on the Ansible Controller.\n  at /p/roles/a/tasks/main.yml:1:3\n  looked for /p/roles/a/templates/none, /p/roles/a/none, /p/roles/a/tasks/templates/none, /p/roles/a/tasks/none, /p/templates/none, /p/none",
      );
    }
  });
});

test('warnings: duplicate keys, old words', () => {
  const { warnings } = load(
    '- hosts: all\n  user: me\n  tasks:\n    - ping:\n      when: a\n      when: b\n    - include: x.yml\n',
  );
  expect(warnings.map(({ message, origin }) => `${origin?.line}: ${message}`)).toEqual([
    "6: Found duplicate mapping key 'when': only the last value counts.",
    '2: "user" of a play is old: write "remote_user"',
    '7: include is taken as include_tasks',
  ]);
});
