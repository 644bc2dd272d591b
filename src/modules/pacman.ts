// pacman: which packages a host of Arch Linux has.
import { bool, choice, field, list, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { splitWords } from '../core/words.ts';
import type { PackagesObserved } from './package-plan.ts';
import { planSmall, smallProbes, smallSteps } from './small-package-managers.ts';

export const pacman = defineModule<Shape, PackagesObserved>({
  name: 'community.general.pacman',
  summary: 'Install, upgrade, remove packages on Arch Linux',
  args: pacmanArgs(),
  check: (args) =>
    (args.name ?? []).length === 0 && args.update_cache !== true && !args.upgrade
      ? 'one of name, update_cache, upgrade is required'
      : undefined,
  example: `
- community.general.pacman:
    name: htop
    state: present
  when: ansible_facts.pkg_mgr | default('') == 'pacman'
`,
  probe: (args) => smallProbes(args, 'pacman'),
})({
  plan: (args, observed) => planSmall(args, observed, 'pacman'),
  apply: (args, change) => smallSteps({ ...args, extra: splitWords(args.extra_args).words ?? [] }, change, 'pacman'),
});

function pacmanArgs() {
  return {
    name: field(list(str()), { aliases: ['pkg', 'package'] })
      .optional()
      .describe('Packages; `name=version` for one version.'),
    state: choice('present', 'absent', 'latest', 'installed', 'removed')
      .default('present')
      .describe('present installs, absent removes, latest upgrades too.'),
    update_cache: field(bool(), { aliases: ['update-cache', 'refresh'] })
      .optional()
      .describe('Refresh the lists of packages first.'),
    upgrade: bool().default(false).describe('Upgrade all packages.'),
    force: bool().default(false).describe('Refresh lists that are fresh too; remove packages that others need.'),
    extra_args: str().default('').describe('Further words for the installation.'),
  };
}
type Shape = ReturnType<typeof pacmanArgs>;
