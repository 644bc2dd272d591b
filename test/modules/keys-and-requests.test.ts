// Keys of OpenPGP, requests of uri and the scripts of wait_for: pure parts against recorded data, shell parts for real where this machine has the programs.
import { createServer, type Server } from 'node:http';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StepResult } from '../../src/core/step.ts';
import { parseTrusted } from '../../src/modules/apt_key.ts';
import { dearmor, isArmored, isKeyId, publicKeys } from '../../src/modules/openpgp.ts';
import { uri } from '../../src/modules/uri.ts';
import { bodyOf } from '../../src/modules/uri-body.ts';
import { readResponse } from '../../src/modules/uri-response.ts';
import { uriScript } from '../../src/modules/uri-script.ts';
import { hexAddress, waitScript, type WaitWish } from '../../src/modules/wait-script.ts';
import { parseArgs } from './on-this-machine.ts';

/** Debian's archive key of bookworm-stable, whose fingerprint gpg tells as the one below. */
const ARMORED = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEY865UxYJKwYBBAHaRw8BAQdAd7Z0srwuhlB6JKFkcf4HU4SSS/xcRfwEQWzr
crf6AEq0SURlYmlhbiBTdGFibGUgUmVsZWFzZSBLZXkgKDEyL2Jvb2t3b3JtKSA8
ZGViaWFuLXJlbGVhc2VAbGlzdHMuZGViaWFuLm9yZz6IlgQTFggAPhYhBE1k/sEZ
wgKQZ9bnkfjSWFuHg9SBBQJjzrlTAhsDBQkPCZwABQsJCAcCBhUKCQgLAgQWAgMB
Ah4BAheAAAoJEPjSWFuHg9SBSgwBAP9qpeO5z1s5m4D4z3TcqDo1wez6DNya27QW
WoG/4oBsAQCEN8Z00DXagPHbwrvsY2t9BCsT+PgnSn9biobwX7bDDg==
=5NZE
-----END PGP PUBLIC KEY BLOCK-----
`;
const FINGERPRINT = '4D64FEC119C2029067D6E791F8D2585B8783D481';

describe('keys', () => {
  it('are told by the fingerprint that gpg tells, armored or not', () => {
    const bytes = dearmor(Buffer.from(ARMORED));
    expect(publicKeys(Buffer.from(ARMORED)).map(({ fingerprint }) => fingerprint)).toEqual([FINGERPRINT]);
    expect(publicKeys(Buffer.concat([bytes, bytes])).map(({ fingerprint }) => fingerprint)).toEqual([
      FINGERPRINT,
      FINGERPRINT,
    ]);
    expect([isArmored(Buffer.from(ARMORED)), isArmored(bytes)]).toEqual([true, false]);
  });
  it('are found by any form of their id', () => {
    const [key] = publicKeys(Buffer.from(ARMORED));
    expect(
      ['8783D481', '0xf8d2585b8783d481', '4D64 FEC1 19C2 0290 67D6  E791 F8D2 585B 8783 D481', '12345678', 'D481'].map(
        (id) => isKeyId(key!, id),
      ),
    ).toEqual([true, true, true, false, false]);
  });
  it('are none in what is no key', () => {
    expect([
      publicKeys(Buffer.from('<html>404</html>')),
      publicKeys(Buffer.alloc(0)),
      publicKeys(Buffer.from([0x99, 0xff])),
    ]).toEqual([[], [], []]);
  });
  it('are read from the keyrings of apt', () => {
    const stdout = Buffer.from(
      `@@/etc/apt/trusted.gpg.d/a.asc\n${Buffer.from(ARMORED)
        .toString('base64')
        .replace(/(.{76})/g, '$1\n')}\n`,
    );
    expect(parseTrusted({ rc: 0, stdout, stderr: Buffer.alloc(0) }).keys).toEqual([FINGERPRINT]);
  });
});

describe('bodies of requests', () => {
  it.each<[string, Parameters<typeof bodyOf>[0], string | undefined, string | undefined]>([
    [
      'JSON as Python writes it',
      { body: { a: [1, true, null], b: 'é' }, body_format: 'json' },
      '{"a": [1, true, null], "b": "\\u00e9"}',
      'application/json',
    ],
    ['text for JSON as it is', { body: '{"x":1}', body_format: 'json' }, '{"x":1}', 'application/json'],
    [
      'forms',
      { body: { a: 'x y&', b: ['1', '2'] }, body_format: 'form-urlencoded' },
      'a=x+y%26&b=1&b=2',
      'application/x-www-form-urlencoded',
    ],
    [
      'forms from pairs',
      {
        body: [
          ['a', '1'],
          ['a', '2'],
        ],
        body_format: 'form-urlencoded',
      },
      'a=1&a=2',
      'application/x-www-form-urlencoded',
    ],
    ['raw text', { body: 'x', body_format: 'raw' }, 'x', undefined],
    ['nothing', { body_format: 'json' }, undefined, undefined],
  ])('%s', (_name, args, text, type) => {
    const { body, type: given } = bodyOf(args);
    expect([body?.toString(), given]).toEqual([text, type]);
  });
  it('are parts of a form with files', () => {
    const { body, type } = bodyOf({
      body: { f: { content: 'hi', filename: '/a/b.txt', mime_type: 'text/plain' }, g: 'v' },
      body_format: 'form-multipart',
    });
    const boundary = /boundary=(.*)$/.exec(type ?? '')?.[1];
    expect(body?.toString()).toBe(
      `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="b.txt"\r\nContent-Type: text/plain\r\n\r\nhi\r\n--${boundary}\r\nContent-Disposition: form-data; name="g"\r\n\r\nv\r\n--${boundary}--\r\n`,
    );
  });
});

describe('requests', () => {
  it('keep passwords and headers out of every word', () => {
    const [step] = uri.steps(
      parseArgs(uri, {
        url: 'https://h/x',
        url_username: 'me',
        url_password: 's3cret',
        headers: { Authorization: 'Bearer t0ken' },
        method: 'POST',
        body: 'b0dy',
      }) as never,
      {},
      {} as never,
      {} as never,
    );
    expect(step).toMatchObject({ kind: 'script', secret: true });
    const { script, stdin } = step as { script: string; stdin: Buffer };
    for (const secret of ['s3cret', 't0ken', 'b0dy'])
      expect([script.includes(secret), stdin.includes(secret)]).toEqual([false, true]);
  });
  it('cannot be made to set further options by line ends in values', () => {
    const request = parseArgs(uri, {
      url: 'http://h/',
      headers: { X: 'a\noutput = "/etc/passwd' },
    }) as never as Parameters<typeof uriScript>[0];
    const { config } = uriScript({ ...request, hasBody: false });
    expect(config).toContain('c:header = "X: a\\noutput = \\"/etc/passwd"\n');
    expect(config).toContain('w:header = X: a output = "/etc/passwd\n');
  });

  it('are not made where the file to send is not there', () => {
    const request = parseArgs(uri, { url: 'http://127.0.0.1:1/', method: 'POST' }) as never as Parameters<
      typeof uriScript
    >[0];
    const { script } = uriScript({ ...request, hasBody: true, src: { kind: 'host', path: '/nowhere/x' } as never });
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', script], { input: '@@body\n', encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: '',
      stderr: 'Unable to open source file /nowhere/x\n',
    });
  });

  const done = (stdout: string, stderr = ''): StepResult => ({
    step: { kind: 'sleep', seconds: 0 },
    rc: 0,
    stdout,
    stderr,
    start: 0,
    end: 0,
  });
  const options = { url: 'http://h/a', return_content: false, status_code: [200] };
  it('read what curl printed, redirects and interim answers included', () => {
    const text =
      '@@curl\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /b\r\n\r\nHTTP/2 200 \r\ncontent-type: application/json; charset=utf-8\r\nset-cookie: k=v; path=/\r\nX-Two: 1\r\nX-Two: 2\r\n\r\n{"a": 1}\n@@done 200 1 300 http://h/b\n@@rc 0\n';
    expect(readResponse(done(text), options)).toEqual({
      status: 200,
      message: '',
      destChanged: false,
      fields: {
        content_type: 'application/json; charset=utf-8',
        set_cookie: 'k=v; path=/',
        x_two: '1, 2',
        cookies: { k: 'v' },
        cookies_string: 'k=v',
        status: 200,
        url: 'http://h/b',
        redirected: true,
        msg: 'OK (8 bytes)',
        json: { a: 1 },
      },
    });
  });
  it('take a body that looks like headers as a body', () => {
    const text =
      '@@curl\nHTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nHTTP/1.1 is a protocol\n\n@@done 200 0 50 http://h/a\n@@rc 0\n';
    expect(readResponse(done(text), { ...options, return_content: true }).fields).toMatchObject({
      content: 'HTTP/1.1 is a protocol\n',
    });
  });
  it('read what wget printed', () => {
    const text =
      '@@wget\n  HTTP/1.1 302 Found\n  Location: http://h/b\n  HTTP/1.1 404 Not Found\n  Content-Type: text/plain\nno such\n\n@@done\n@@rc 8\n';
    expect(readResponse(done(text), options)).toMatchObject({
      status: 404,
      message: 'HTTP Error 404: Not Found',
      fields: { redirected: true, content: 'no such\n' },
    });
  });
  it('say who did not answer', () => {
    expect(
      readResponse(done('@@curl\n\n@@done 000 0 0 http://h/a\n@@rc 7\n', 'curl: (7) Failed to connect\n'), options),
    ).toMatchObject({ status: -1, message: 'Request failed: curl: (7) Failed to connect', fields: { status: -1 } });
  });
});

describe('waiting', () => {
  it('knows addresses as the kernel writes them', () => {
    expect([hexAddress('10.0.0.1'), hexAddress('256.0.0.1'), hexAddress('h')]).toEqual([
      '(0000000000000000FFFF0000)?0100000A',
      undefined,
      undefined,
    ]);
  });

  let server: Server;
  let port = 0;
  const folder = mkdtempSync(join(tmpdir(), 'vbx-wait-'));
  beforeAll(async () => {
    server = createServer((_request, response) => response.end('x'));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const base: WaitWish = {
    host: '127.0.0.1',
    state: 'started',
    timeout: 30,
    connect_timeout: 10,
    delay: 0,
    sleep: 1,
    active_connection_states: ['ESTABLISHED'],
  };
  /** Not spawnSync: the server must go on answering. */
  const status = (wish: Partial<WaitWish>): Promise<number | null> =>
    new Promise((resolve) => {
      const child = spawn('sh', ['-c', waitScript({ ...base, ...wish })], { stdio: 'ignore' });
      child.on('close', resolve);
    });

  it('sees ports that are open and ports that are not', async () => {
    expect(await status({ port })).toBe(0);
    expect(await status({ port: 1, timeout: 0 })).toBe(1);
    expect(await status({ port: 1, state: 'stopped' })).toBe(0);
  });
  it('tries no more once its time is over', () => {
    const { status: rc, stdout } = spawnSync(
      'sh',
      [
        '-c',
        `sleep() { echo slept; command sleep "$@"; }\n${waitScript({ ...base, path: join(folder, 'missing'), timeout: 0 })}`,
      ],
      { encoding: 'utf8' },
    );
    expect({ rc, stdout }).toEqual({ rc: 1, stdout: '' });
  });
  it('sees files that come, and texts in them', async () => {
    const path = join(folder, "it's here");
    expect(await status({ path, timeout: 0 })).toBe(1);
    expect(await status({ path, state: 'absent' })).toBe(0);
    setTimeout(() => spawnSync('sh', ['-c', 'printf "a\\nready 42\\n" >"$0"', path]), 300);
    expect(await status({ path, search_regex: 'ready \\d+' })).toBe(0);
    expect(await status({ path, search_regex: 'never', timeout: 0 })).toBe(1);
  });
  it('sees that no connection is left', async () => {
    expect(await status({ port: 1, state: 'drained' })).toBe(0);
  });
});
