// Modules that tell what a file says, or the text that stands in the playbook instead of it.

/** What is wrong with the two arguments of which there must be one. */
export function oneOf({ path, content }: { readonly path?: unknown; readonly content?: unknown }): string | undefined {
  if (path !== undefined && content !== undefined) return 'parameters are mutually exclusive: path|content';
  return path === undefined && content === undefined ? 'one of the following is required: path, content' : undefined;
}

/** Why a file cannot be read, if that is so; Ansible's words. */
export function noFile(what: string, path: string, kind: string | undefined): string | undefined {
  switch (kind) {
    case 'absent':
      return `Error while reading ${what} file from disk: [Errno 2] No such file or directory: '${path}'`;
    case 'denied':
      return `Error while reading ${what} file from disk: [Errno 13] Permission denied: '${path}'`;
    default:
      return undefined;
  }
}
