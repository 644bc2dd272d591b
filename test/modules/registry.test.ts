// Every module is listed under its own name, and every name that playbooks may use leads to one.
import { describe, expect, it } from 'vitest';
import { ALIASES, MODULES, resolveModule } from '../../src/modules/registry.ts';

describe('the registry', () => {
  it('lists modules under their names, in order, with the aliases that they tell', async () => {
    const aliases: Record<string, string> = {};
    for (const [name, load] of Object.entries(MODULES)) {
      const module = await load();
      expect(module.name).toBe(name);
      for (const alias of module.aliases ?? []) aliases[alias] = name;
    }
    expect(Object.keys(MODULES)).toEqual(Object.keys(MODULES).toSorted());
    expect(ALIASES).toEqual(aliases);
  });

  it.each([
    ['copy', 'ansible.builtin.copy'],
    ['ansible.legacy.copy', 'ansible.builtin.copy'],
    ['ini_file', 'community.general.ini_file'],
    ['ansible.builtin.ini_file', 'community.general.ini_file'],
    ['acl', 'ansible.posix.acl'],
    ['community.general.archive', 'community.general.archive'],
    ['ansible.mysql.mysql_db', 'community.mysql.mysql_db'],
    ['postgresql_db', 'community.postgresql.postgresql_db'],
  ])('%s is %s', (written, canonical) => {
    expect(resolveModule(written)).toEqual({ canonical });
  });

  it('searches the collections of the play first, and tells the nearest name of what it does not know', () => {
    expect(resolveModule('archive', ['community.general'])).toEqual({ canonical: 'community.general.archive' });
    expect(resolveModule('lineinfle')).toEqual({ nearest: 'lineinfile' });
    expect(resolveModule('ansible.builtin.tempalte')).toEqual({ nearest: 'ansible.builtin.template' });
    expect(resolveModule('community.general.copy')).not.toHaveProperty('canonical');
    expect(resolveModule('qqqqqqqq')).toEqual({ nearest: undefined });
  });
});
