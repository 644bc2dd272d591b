// A password in a file, or printed by an executable file.
import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../core/error.ts';

/** The password without its line break; undefined without a file. Errors: UsageError. */
export async function passwordFrom(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const path = resolve(file);
  try {
    if (isExecutable(path)) return (await promisify(execFile)(path)).stdout.replace(/\r?\n$/, '');
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new UsageError(`no password can be had from ${path}: ${(error as Error).message}`);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
