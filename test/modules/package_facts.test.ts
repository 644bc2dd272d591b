// Which database package_facts reads, and what it warns of where there is none of it.
import { describe, expect, it } from 'vitest';
import { package_facts, parsePackages } from '../../src/modules/package_facts.ts';
import { basics, parseArgs } from './on-this-machine.ts';

const told = (stdout: string) => ({
  packages: parsePackages({ rc: 0, stdout: Buffer.from(`${stdout}\n@@end\n`), stderr: Buffer.alloc(0) }),
});
const plan = (args: Record<string, unknown>, stdout: string) =>
  package_facts.plan(parseArgs(package_facts, args) as never, told(stdout), basics);
const script = (args: Record<string, unknown>): string => {
  const { packages } = package_facts.probe(parseArgs(package_facts, args) as never, basics);
  return packages.family.script?.([packages.query]) ?? '';
};

describe('package_facts', () => {
  it('asks for the databases of the managers that are named, and for all otherwise', () => {
    const databases = (args: Record<string, unknown>): (string | undefined)[] =>
      [...script(args).matchAll(/echo @@(apt|rpm|apk|pacman)/g)].map((found) => found[1]);
    expect(databases({})).toEqual(['apt', 'rpm', 'apk', 'pacman']);
    expect(databases({ manager: 'apk' })).toEqual(['apk']);
    expect(databases({ manager: ['dnf', 'rpm', 'apt'] })).toEqual(['rpm', 'apt']);
    expect(databases({ manager: 'portage' })).toEqual([]);
  });

  it.each([
    [{ manager: 'apk' }, '@@none', ['Requested package manager apk was not usable by this module']],
    [{ manager: 'apk' }, '@@failed', ['Failed to retrieve packages with apk: Unable to list packages']],
  ])('warns of a manager that cannot be asked: %j, %s', (args, stdout, warnings) => {
    expect(plan(args, stdout)).toMatchObject({
      failed: 'Could not detect a supported package manager from the following list: apk',
      warnings: warnings.map((words) => expect.stringContaining(words) as unknown),
    });
  });

  it('tells what is installed', () => {
    expect(told('@@apt\ninstalled\tacl\t2.3\tamd64\tutils\t\nnot-installed\told\t1\tall\tx\t').packages).toEqual({
      kind: 'packages',
      source: 'apt',
      info: { acl: [{ name: 'acl', version: '2.3', arch: 'amd64', category: 'utils', origin: '', source: 'apt' }] },
    });
    expect(plan({}, '@@apt\ninstalled\tacl\t2.3\tamd64\tutils\t')).toEqual({ after: {}, warnings: [] });
  });
});
