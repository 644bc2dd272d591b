// YAML reading lies in a layer of its own, below inventory and playbook.
export * from '../yaml/load-yaml.ts';
