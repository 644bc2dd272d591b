// apt_repository: which lines it takes, and how it writes them.
import { describe, expect, it } from 'vitest';
import { apt_repository } from '../../src/modules/apt_repository.ts';
import { basics, parseArgs } from './on-this-machine.ts';
import { absent, folder, textOf } from './states.ts';

function written(repo: string): string | undefined {
  const args = parseArgs(apt_repository, { repo, filename: 'x' }) as never;
  const plan = apt_repository.plan(
    args,
    { at: absent, parent: folder, sources: { kind: 'sources', present: false, info: { files: [] } } },
    basics,
  );
  const after = 'after' in plan ? (plan.after as Record<string, unknown>)['at'] : undefined;
  return after === undefined ? undefined : textOf(after as never);
}

describe('apt_repository', () => {
  it.each([
    ['deb http://h/d stable main', 'deb http://h/d stable main\n'],
    [
      'deb [arch=amd64\n  signed-by=/k]  http://h/d stable main extra\n',
      'deb [arch=amd64 signed-by=/k] http://h/d stable main extra\n',
    ],
    [' deb-src http://h/d ./ # why', 'deb-src http://h/d ./\n'],
    ['deb odd', 'deb odd\n'],
  ])('writes %j', (repo, text) => {
    expect(written(repo)).toBe(text);
  });
  it('fails for what Launchpad would have to be asked, in its turn', () => {
    const args = parseArgs(apt_repository, { repo: 'ppa:owner/name' }) as never;
    expect(
      apt_repository.plan(
        args,
        { at: absent, parent: folder, sources: { kind: 'sources', present: false, info: { files: [] } } },
        basics,
      ),
    ).toMatchObject({ failed: 'ppa: repositories are not looked up' });
  });
  it.each(['http://h/d stable main', '# deb http://h/d stable main', 'debian http://h/d stable', ''])(
    'refuses %j',
    (repo) => {
      expect(() => written(repo)).toThrow(`Invalid repository string: ${repo}`);
    },
  );
});
