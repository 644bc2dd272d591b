// Which playbooks run, and how often: the runs of one scenario follow one another on the same hosts.
export interface Scenario {
  readonly name: string;
  /** The words behind `ansible-playbook -i inventory`. */
  readonly runs: readonly string[];
}

export const scenarios: readonly Scenario[] = [
  { name: 'files, and once more', runs: ['files.yml --diff', 'files.yml'] },
  { name: 'edits of files, and once more', runs: ['edit.yml', 'edit.yml'] },
  { name: 'a dry run', runs: ['dry.yml --check --diff'] },
  { name: 'commands, and what they left', runs: ['look.yml'] },
  { name: 'accounts, and once more', runs: ['accounts.yml', 'accounts.yml'] },
  { name: 'the web', runs: ['web.yml'] },
  { name: 'packages', runs: ['packages.yml'] },
  { name: 'flow', runs: ['flow.yml'] },
  {
    name: 'the language, and tags',
    runs: ['language.yml', 'language.yml --tags one,inner', 'language.yml --skip-tags block'],
  },
  { name: 'roles and variables', runs: ['roles.yml -e extra_one=1 -e extra_list=[1,2]'] },
  { name: 'facts', runs: ['facts.yml'] },
  { name: 'a module of its own', runs: ['own.yml'] },
];
