// Loading from the disk: the fixture of the benchmark, and files that are not what they should be.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PlaybookLoader } from '../../src/playbook/load.ts';
import { nodeFiles } from '../../src/playbook/node-files.ts';
import { writeListTasksFixture } from '../bench/list-tasks-fixture.ts';
import { allTasks, testModules } from './memory-files.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vbx-playbook-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the benchmark's playbook: 300 tasks and more, 20 roles, each role's handlers", () => {
  const loader = new PlaybookLoader({
    files: nodeFiles(),
    rolesPath: [],
    collectionsPath: [],
    modules: (name, collections) =>
      name === 'ansible.builtin.apt' ? { canonical: name } : testModules(name, collections),
  });
  const [play] = loader.loadPlaybook(writeListTasksFixture(join(folder, 'bench'))).plays;
  expect(play?.roles.map((run) => run.role.name)).toEqual(
    Array.from({ length: 20 }, (_, index) => `role_${String(index + 1).padStart(2, '0')}`),
  );
  expect(allTasks(play).length).toBeGreaterThanOrEqual(300);
  // Four roles depend on the one before them, which brings that one's handlers once more.
  expect(play?.handlers).toHaveLength(24);
});

test('names, kinds and links', () => {
  mkdirSync(join(folder, 'd'));
  writeFileSync(join(folder, 'd', 'b'), 'text');
  writeFileSync(join(folder, 'd', 'a'), '');
  symlinkSync('b', join(folder, 'd', 'c'));
  const files = nodeFiles();
  expect(files.list(join(folder, 'd'))).toEqual(['a', 'b', 'c']);
  expect([files.list(join(folder, 'none')), files.list(join(folder, 'd', 'b'))]).toEqual([[], []]);
  expect(
    ['d', 'd/b', 'd/none', 'd/b/x'].map((path) => [files.exists(join(folder, path)), files.isDir(join(folder, path))]),
  ).toEqual([
    [true, true],
    [true, false],
    [false, false],
    [false, false],
  ]);
  expect(['d/c', 'd/none', 'd/b/x'].map((path) => files.readFile(join(folder, path)))).toEqual([
    'text',
    undefined,
    undefined,
  ]);
  expect(() => files.readFile(join(folder, 'd'))).toThrow('EISDIR');
});
