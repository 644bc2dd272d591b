// The VOBOX site from a pristine host to one that survives restarts of Docker, edits of its scripts and a reboot; on a host of its own, u7.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, HOUR, lab, play as playOnLab, root, withoutLab } from './on-lab.ts';

const host = 'u7';
const box = { name: 'vobox7a', ipv4: '10.77.0.171', ipv6: 'fd00:77::171' };
const folder = mkdtempSync(join(tmpdir(), 'vbx-vobox-'));
const state = join(folder, 'state');

const onHost = async (command: string): Promise<string> => {
  const ran = await lab(state, ['ssh', host, command]);
  if (ran.status !== 0) throw new Error(`${command}: ${ran.stderr}`);
  return ran.stdout.trim();
};
const inspect = (format: string): Promise<string> => onHost(`docker inspect -f '${format}' ${box.name}`);

/** Exit status, the host's tally, and the names of the tasks that changed. */
async function play(
  book: string,
  ...options: string[]
): Promise<{ exit: number; tally: Readonly<Record<string, number>>; changed: string[]; text: string }> {
  const { exit, ends, recap, text } = await playOnLab(state, 'src/main.ts', [
    join(folder, 'playbooks', book),
    '-i',
    join(folder, 'inventory'),
    ...options,
  ]);
  return {
    exit,
    tally: recap[host] ?? {},
    changed: ends.filter((end) => end.kind === 'changed').map((end) => end.name),
    text,
  };
}

async function eventually(what: string, test: () => Promise<boolean>, seconds = 900): Promise<void> {
  const until = Date.now() + seconds * 1000;
  while (!(await test().catch(() => false))) {
    if (Date.now() > until) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }
}

/** A fresh disk, booted; the lab with it where it is down. */
const pristine = (): Promise<void> => boot(state, ['wipe', host], ['up', host]);

beforeAll(async () => {
  if (withoutLab) return;
  cpSync(join(root, 'playbooks'), join(folder, 'playbooks'), { recursive: true });
  cpSync(join(root, 'inventory'), join(folder, 'inventory'), { recursive: true });
  writeFileSync(
    join(folder, 'inventory/hosts.yml'),
    `voboxes:
  hosts:
    ${host}:
      ansible_host: 10.77.0.17
      network_shim_addresses: [10.77.0.207, "fd00:77::207"]
      voboxes:
        - {name: ${box.name}, ipv4: ${box.ipv4}, ipv6: "${box.ipv6}", mac: "02:77:01:00:07:01", memory: 64m}
        - {name: vobox7b, ipv4: 10.77.0.172, ipv6: "fd00:77::172", mac: "02:77:01:00:07:02", memory: 64m}
`,
  );
  await pristine();
}, HOUR);
afterAll(async () => {
  if (withoutLab) return;
  rmSync(folder, { recursive: true, force: true });
  await lab(state, ['wipe', host]);
}, HOUR);

// Each test goes on from the state that the one before left: none can be tried again by itself.
describe.skipIf(withoutLab)('site.yml', { retry: 0 }, () => {
  it(
    'tells in a dry run on a pristine host what it would do, and does nothing',
    async () => {
      const { exit, tally, text } = await play('site.yml', '--check');
      expect({ exit, failed: tally['failed'] }, text).toEqual({ exit: 0, failed: 0 });
      expect(tally['changed']).toBeGreaterThan(5);
      expect(
        await onHost('ls /etc/docker/daemon.json /srv/vobox 2>/dev/null; docker ps -aq; systemctl is-enabled autofs'),
      ).toBe('enabled');
    },
    HOUR,
  );

  it(
    'makes the site',
    async () => {
      const { exit, tally, text } = await play('site.yml', '--verify');
      expect({ exit, failed: tally['failed'] }, text).toEqual({ exit: 0, failed: 0 });
    },
    HOUR,
  );

  it(
    'finds nothing to do a second time',
    async () => {
      const { exit, tally, changed, text } = await play('site.yml');
      expect({ exit, changed, tally: tally['changed'] }, text).toEqual({ exit: 0, changed: [], tally: 0 });
      const dry = await play('site.yml', '--check', '--detailed-exitcode');
      expect({ exit: dry.exit, changed: dry.changed }, dry.text).toEqual({ exit: 0, changed: [] });
    },
    HOUR,
  );

  it(
    'makes VOBOXes that answer to the controller and to their own host, by both families',
    async () => {
      for (const address of [box.ipv4, box.ipv6]) {
        expect((await lab(state, ['exec', 'ping', '-c', '3', '-W', '10', address])).status).toBe(0);
        expect(await onHost(`ping -c 3 -W 10 ${address} >/dev/null && echo answers`)).toBe('answers');
      }
    },
    HOUR,
  );

  it(
    'makes them as declared: limits, layers, CVMFS, no autofs',
    async () => {
      const limits = await onHost(`cat /proc/${await inspect('{{.State.Pid}}')}/limits`);
      expect(limits).toMatch(/Max open files +262144 +262144/);
      expect(
        await onHost(
          "docker image inspect -f '{{len .RootFS.Layers}} {{.Config.Entrypoint}} {{.Config.StopSignal}}' voboximg:flat",
        ),
      ).toBe('1 [/usr/local/sbin/vobox-init] SIGTERM');
      expect(await onHost(`docker exec ${box.name} cat /cvmfs/alice.cern.ch/etc/repository`)).toBe('alice.cern.ch');
      expect(await onHost('systemctl is-enabled autofs || :')).toBe('masked');
      expect(
        await inspect('{{.HostConfig.Privileged}} {{.HostConfig.LogConfig.Type}} {{.HostConfig.RestartPolicy.Name}}'),
      ).toBe('true local unless-stopped');
    },
    HOUR,
  );

  it(
    'keeps VOBOXes running while dockerd restarts',
    async () => {
      const pid = await inspect('{{.State.Pid}}');
      await onHost('systemctl restart docker');
      await eventually('Docker answers', async () => (await onHost('docker version >/dev/null && echo yes')) === 'yes');
      expect(await inspect('{{.State.Pid}}')).toBe(pid);
      await eventually(
        'the VOBOX answers over IPv6',
        async () => (await lab(state, ['exec', 'ping', '-c', '1', '-W', '10', box.ipv6])).status === 0,
      );
    },
    HOUR,
  );

  it(
    'takes an edited init.sh over inside the running VOBOX, without rebuild or restart',
    async () => {
      const started = await inspect('{{.State.StartedAt}} {{.Image}}');
      const script = join(folder, 'playbooks/roles/vobox/files/init/init.sh');
      writeFileSync(script, readFileSync(script, 'utf8').replace('revision=1', 'revision=2'));
      const { exit, changed, text } = await play('site.yml', '--tags', 'vobox');
      expect({ exit, changed }, text).toEqual({
        exit: 0,
        changed: ['Install the script of the services', 'Reload the services'],
      });
      expect(await inspect('{{.State.StartedAt}} {{.Image}}')).toBe(started);
      expect(await onHost(`docker exec ${box.name} cat /run/vobox/ce.def`)).toMatch(/^2 ce 8098\b/);
    },
    HOUR,
  );

  it(
    'comes back by itself after a reboot',
    async () => {
      const boot = await onHost('cat /proc/sys/kernel/random/boot_id');
      await lab(state, ['ssh', host, 'systemctl reboot']);
      await eventually('another boot', async () => (await onHost('cat /proc/sys/kernel/random/boot_id')) !== boot);
      await eventually(
        'the VOBOX answers',
        async () => (await lab(state, ['exec', 'ping', '-c', '1', '-W', '10', box.ipv4])).status === 0,
      );
      await eventually(
        'the VOBOX answers to its own host',
        async () => (await onHost(`ping -c 1 -W 10 ${box.ipv4} >/dev/null && echo answers`)) === 'answers',
      );
      await eventually(
        'its services run',
        async () =>
          (await onHost(`docker exec ${box.name} sh /etc/vobox/init.sh status >/dev/null && echo run`)) === 'run',
      );
      expect(
        await onHost('findmnt -n -o FSTYPE /cvmfs/alice.cern.ch; systemctl is-active vbx-shim-vbx-shim.service'),
      ).toBe('squashfs\nactive');
      const { exit, changed, text } = await play('site.yml');
      expect({ exit, changed }, text).toEqual({ exit: 0, changed: [] });
    },
    HOUR,
  );
});

describe.skipIf(withoutLab)('site-standard.yml', { retry: 0 }, () => {
  it(
    'makes the same site by standard modules, and then finds nothing to do',
    async () => {
      await pristine();
      const first = await play('site-standard.yml');
      expect({ exit: first.exit, failed: first.tally['failed'] }, first.text).toEqual({ exit: 0, failed: 0 });
      const second = await play('site-standard.yml');
      expect({ exit: second.exit, changed: second.changed }, second.text).toEqual({ exit: 0, changed: [] });
      expect(await onHost(`cat /proc/${await inspect('{{.State.Pid}}')}/limits`)).toMatch(
        /Max open files +262144 +262144/,
      );
      expect(await onHost("docker image inspect -f '{{len .RootFS.Layers}}' voboximg:flat")).toBe('1');
    },
    HOUR,
  );
});
