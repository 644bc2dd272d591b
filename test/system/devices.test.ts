// What writes a file leaves a device a device: only root can make one to try it on.
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentOf } from '../../src/core/content.ts';
import type { PathState } from '../../src/core/path-state.ts';
import { putInPlace } from '../../src/core/put-in-place.ts';
import { quote } from '../../src/core/quote.ts';
import { writeDownload } from '../../src/engine/download.ts';
import { stepScript } from '../../src/engine/step-script.ts';
import { encryptFiles } from '../../src/vault/vault-files.ts';

let folder = '';
let device = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vbx-device-'));
  device = join(folder, 'null');
  execFileSync('mknod', [device, 'c', '1', '3']);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a device where a file is written', () => {
  it('stays one when something takes its place', () => {
    const made = join(folder, 'made');
    writeFileSync(made, 'x');
    execFileSync('/bin/sh', ['-c', putInPlace(quote(made), quote(device))]);
    expect([lstatSync(device).isCharacterDevice(), readdirSync(folder)]).toEqual([true, ['null']]);
  });

  it('stays one when a step writes there, with its mode', () => {
    const { mode } = statSync(device);
    const guard = { kind: 'other', type: 'char', mode: '0644', owner: 'root', group: 'root', info: {} } as PathState;
    const script = stepScript({ kind: 'write', path: device, content: contentOf('x\n'), guard });
    execFileSync('/bin/sh', ['-c', script ?? 'exit 1']);
    expect([lstatSync(device).isCharacterDevice(), statSync(device).mode, readdirSync(folder)]).toEqual([
      true,
      mode,
      ['null'],
    ]);
  });

  it('stays one as the output of vault', async () => {
    const streams = { readStdin: () => Promise.resolve(Buffer.from('x')), writeStdout: () => {}, note: () => {} };
    const secret = { id: 'default', password: Buffer.from('p') };
    await encryptFiles(['-'], { encrypt: { secret }, output: device, streams });
    expect([lstatSync(device).isCharacterDevice(), readdirSync(folder)]).toEqual([true, ['null']]);
  });

  it('stays one where a file of a host is fetched to', async () => {
    const answer = await writeDownload(device, async (chunk) => {
      await chunk(Buffer.from('x'));
      return { rc: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
    });
    expect([answer.rc, lstatSync(device).isCharacterDevice(), readdirSync(folder)]).toEqual([0, true, ['null']]);
  });
});
