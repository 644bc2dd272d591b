// zypper: which packages a host of SUSE has.
import { bool, choice, field, list, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { splitWords } from '../core/words.ts';
import type { PackagesObserved } from './package-plan.ts';
import { planSmall, smallProbes, smallSteps } from './small-package-managers.ts';

export const zypper = defineModule<Shape, PackagesObserved>({
  name: 'community.general.zypper',
  summary: 'Install, upgrade, remove packages on SUSE',
  args: zypperArgs(),
  check: (args) =>
    (args.name ?? []).length === 0 && args.update_cache !== true && !args.upgrade
      ? 'one of name, update_cache, upgrade is required'
      : undefined,
  example: `
- community.general.zypper:
    name: htop
    state: present
  when: ansible_facts.pkg_mgr | default('') == 'zypper'
`,
  probe: (args) => smallProbes(args, 'zypper'),
})({
  plan: (args, observed) => planSmall(args, observed, 'zypper'),
  apply: (args, change) => smallSteps({ ...args, extra: splitWords(args.extra_args).words ?? [] }, change, 'zypper'),
});

function zypperArgs() {
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
    extra_args: str().default('').describe('Further words for the installation.'),
  };
}
type Shape = ReturnType<typeof zypperArgs>;
