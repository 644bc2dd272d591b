// The stand-in for curl on a host without it: requests of get_url and uri by Python, with a server of this process.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get_url } from '../../src/modules/get_url.ts';
import { uri } from '../../src/modules/uri.ts';
import { curlStandIn } from '../../src/probes/curl-stand-in.ts';
import { actAsync } from '../modules/act-async.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbx-no-curl-'));
const bin = join(folder, 'bin');
let server: Server;
let url = '';
const places = ['/usr/local/bin', '/usr/bin', '/bin'];
const names = places.flatMap((place) => {
  try {
    return readdirSync(place);
  } catch {
    return [];
  }
});

beforeAll(async () => {
  mkdirSync(bin);
  for (const name of new Set(names))
    if (name !== 'curl' && name !== 'wget')
      symlinkSync(places.map((place) => join(place, name)).find(existsSync) ?? join('/usr/bin', name), join(bin, name));
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method = '', headers } = request;
      if (request.url === '/missing') response.writeHead(404).end('gone');
      else if (request.url === '/moved') response.writeHead(302, { Location: '/told' }).end();
      else if (request.url === '/away')
        response.writeHead(302, { Location: `${url.replace('127.0.0.1', 'localhost')}/told` }).end();
      else if (request.url === '/slow') return;
      else if (request.url === '/short')
        response.writeHead(200, { 'Content-Length': '100' }).write('part', () => response.destroy());
      else if (request.url === '/cut') response.writeHead(200).write('part', () => response.destroy());
      else if (request.url === '/packed')
        response
          .writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json' })
          .end(gzipSync('{"packed": true}'));
      else if (headers['if-modified-since'] !== undefined && request.url === '/old') response.writeHead(304).end();
      else
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(
          JSON.stringify({
            method,
            body,
            agent: headers['user-agent'],
            authorization: headers.authorization,
            cookie: headers.cookie,
            type: headers['content-type'],
            x: headers['x-a'],
          }),
        );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const run = (script: string): Promise<{ rc: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', `${curlStandIn()}${script}`], { env: { PATH: bin, HOME: folder } });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', (rc) => resolve({ rc: rc ?? 128, stdout, stderr }));
  });

describe('a host without curl', () => {
  it('has what stands in for it, with its exit statuses', async () => {
    expect(await run(`curl -fsSL -- ${url}/moved`)).toMatchObject({
      rc: 0,
      stdout: expect.stringContaining('"method":"GET"') as string,
    });
    expect(await run(`curl -fsSL -- ${url}/missing`)).toEqual({
      rc: 22,
      stdout: '',
      stderr: 'curl: (22) The requested URL returned error: 404\n',
    });
    expect(await run('curl -sS http://127.0.0.1:1/')).toMatchObject({
      rc: 7,
      stderr: expect.stringContaining('Connection refused') as string,
    });
  });

  it('ends when its time is over, and says what it cannot do', async () => {
    expect(await run(`curl -sS --max-time 1 ${url}/slow`)).toEqual({
      rc: 28,
      stdout: '',
      stderr: 'curl: (28) Operation timed out\n',
    });
    expect(await actAsync(uri, { url: `${url}/told`, use_gssapi: true }, { path: bin })).toMatchObject({
      failed: true,
      status: -1,
      msg: expect.stringContaining('GSSAPI needs curl itself') as string,
    });
  });

  it.each([
    ['the stand-in', () => bin],
    ['curl', () => undefined],
  ])('keeps nothing of an answer that broke off: %s', async (_, path) => {
    const dest = join(folder, 'short');
    const by = path();
    for (const more of [{}, { dest }])
      expect(await actAsync(uri, { url: `${url}/short`, ...more }, by === undefined ? {} : { path: by })).toMatchObject(
        { failed: true, changed: false, status: -1, msg: expect.stringContaining('curl: (18)') as string },
      );
    expect(existsSync(dest)).toBe(false);
  });

  it('fails where chunks break off', async () => {
    expect(await run(`curl -sS ${url}/cut`)).toMatchObject({
      rc: 18,
      stderr: expect.stringMatching(/^curl: \(18\) /) as string,
    });
  });

  it('tells no other host the secrets of a request', async () => {
    for (const more of [
      { headers: { Authorization: 'Bearer s', Cookie: 'a=s' } },
      { url_username: 'me', url_password: 's' },
    ]) {
      const { json: same } = await actAsync(uri, { url: `${url}/moved`, ...more }, { path: bin });
      expect(same).toMatchObject({ authorization: expect.any(String) as string });
      const { json: other } = await actAsync(uri, { url: `${url}/away`, ...more }, { path: bin });
      expect(other).toMatchObject({ method: 'GET' });
      expect(other).not.toMatchObject({ authorization: expect.anything() as unknown });
      expect(other).not.toMatchObject({ cookie: expect.anything() as unknown });
    }
  });

  it('sends requests of uri', async () => {
    const sent = (args: Record<string, unknown>) => actAsync(uri, args, { path: bin });
    expect(
      await sent({
        url: `${url}/told`,
        method: 'POST',
        body: { a: 1 },
        body_format: 'json',
        headers: { 'X-A': 'b "c"' },
        url_username: 'me',
        url_password: 'p"w\\d',
      }),
    ).toMatchObject({
      status: 200,
      url: `${url}/told`,
      json: {
        method: 'POST',
        body: '{"a": 1}',
        agent: 'ansible-httpget',
        type: 'application/json',
        x: 'b "c"',
        authorization: `Basic ${Buffer.from('me:p"w\\d').toString('base64')}`,
      },
    });
    expect(await sent({ url: `${url}/told`, method: 'POST', body: 'text' })).toMatchObject({
      json: { body: 'text', type: 'application/x-www-form-urlencoded' },
    });
    expect(await sent({ url: `${url}/moved` })).toMatchObject({ status: 200, redirected: true, url: `${url}/told` });
    expect(await sent({ url: `${url}/moved`, follow_redirects: 'none', status_code: [302] })).toMatchObject({
      status: 302,
      location: `${url}/told`,
    });
    const dest = join(folder, 'answer');
    expect(await sent({ url: `${url}/missing`, dest })).toMatchObject({ failed: true, changed: false, status: 404 });
    expect(existsSync(dest)).toBe(false);
    expect(await sent({ url: `${url}/told`, dest, mode: '0600' })).toMatchObject({
      changed: true,
      status: 200,
      path: dest,
      mode: '0600',
      state: 'file',
      size: expect.any(Number) as number,
    });
    expect(await sent({ url: `${url}/told`, dest })).toMatchObject({ changed: false });
    expect(await sent({ url: `${url}/packed` })).toMatchObject({ json: { packed: true } });
    expect(await sent({ url: `${url}/missing` })).toMatchObject({ failed: true, status: 404 });
    expect(await sent({ url: 'http://127.0.0.1:1/' })).toMatchObject({ failed: true, status: -1 });
  });

  it('fetches for get_url', async () => {
    const dest = join(folder, 'file');
    expect(
      await actAsync(get_url, { url: `${url}/told`, dest, url_username: 'me', url_password: 'pw' }, { path: bin }),
    ).toMatchObject({ changed: true, status_code: 200 });
    expect(JSON.parse(readFileSync(dest, 'utf8'))).toMatchObject({
      authorization: `Basic ${Buffer.from('me:pw').toString('base64')}`,
    });
    expect(await actAsync(get_url, { url: `${url}/old`, dest }, { path: bin })).toMatchObject({
      changed: false,
      status_code: 304,
    });
    expect(await actAsync(get_url, { url: `${url}/missing`, dest, force: true }, { path: bin })).toMatchObject({
      failed: true,
      status_code: 404,
    });
    expect(
      await actAsync(get_url, { url: `${url}/packed`, dest, force: true }, { path: bin, check: true }),
    ).toMatchObject({ changed: true, status_code: 200 });
  });
});
