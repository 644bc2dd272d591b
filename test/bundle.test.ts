// How the build imports Node's own modules.
import { expect, it } from 'vitest';
import { quickImports } from '../src/bundle.ts';

it.each([
  [
    'import { join, sep as separator } from "node:path";',
    'const { join, sep: separator } = globalThis.process.getBuiltinModule("node:path");',
  ],
  ['import fs from "node:fs/promises";', 'const fs = globalThis.process.getBuiltinModule("node:fs/promises");'],
  ['import * as os from "node:os";', 'const os = globalThis.process.getBuiltinModule("node:os");'],
  [
    'import process, { env } from "node:process";',
    'const process = globalThis.process.getBuiltinModule("node:process"); const { env } = globalThis.process.getBuiltinModule("node:process");',
  ],
  ['import { Client } from "ssh2";', 'import { Client } from "ssh2";'],
])('%s', (written, built) => expect(quickImports(`${written}\nrest();\n`)).toBe(`${built}\nrest();\n`));
