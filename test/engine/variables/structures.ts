// Plays, roles and tasks with nothing in them but what a test says.
import type { Play, Role, Task } from '../../../src/core/play.ts';
import { Dict } from '../../../src/core/value.ts';

const origin = { file: 'play.yml', line: 1, column: 1 };
const none = { level: '', vars: new Dict() };
let count = 0;

export function play(given: Partial<Play> = {}): Play {
  return {
    id: `play${++count}`,
    origin,
    hosts: { value: 'all', origin },
    vars: none,
    varsFiles: [],
    varsPrompt: [],
    preTasks: [],
    roles: [],
    tasks: [],
    postTasks: [],
    handlers: [],
    tags: [],
    keywords: {},
    settings: {},
    environment: [],
    moduleDefaults: [],
    collections: [],
    playbookDir: '/play',
    ...given,
  };
}
export function role(name: string, given: Partial<Role> = {}): Role {
  return {
    name,
    path: `/play/roles/${name}`,
    defaults: none,
    vars: none,
    params: new Dict(),
    dependencies: [],
    parents: [],
    allowDuplicates: false,
    uid: `${name}${++count}`,
    public: false,
    ...given,
  };
}
export function task(given: Partial<Task> = {}): Task {
  return {
    kind: 'task',
    id: `task${++count}`,
    origin,
    action: 'ansible.builtin.debug',
    writtenAction: 'debug',
    actionOrigin: origin,
    args: new Dict(),
    argOrigin: () => origin,
    when: [],
    notify: [],
    tags: [],
    keywords: {},
    environment: [],
    vars: [],
    moduleDefaults: [],
    collections: [],
    listen: [],
    isHandler: false,
    includedFrom: [],
    ...given,
  };
}
