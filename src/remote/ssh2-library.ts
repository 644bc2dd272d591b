// The ssh2 library, loaded when the first connection needs it. It is CommonJS, and Node does not see all of its names through `import`.
import { createRequire } from 'node:module';

let library: typeof import('ssh2') | undefined;

export function ssh2(): typeof import('ssh2') {
  library ??= createRequire(import.meta.url)('ssh2') as typeof import('ssh2');
  return library;
}
