// The command line's options that several commands share, with the letters and meaning of Ansible's.

export interface CommonOptions {
  readonly inventory: readonly string[];
  readonly extraVars: readonly string[];
  readonly verbosity: number;
}
