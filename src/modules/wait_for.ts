// wait_for: goes on when a port answers or is closed, a file is there or gone, a text is in it, or connections have ended.
import { choice, int, list, path, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import { quote } from '../core/quote.ts';
import { bytePattern, PatternError, search } from '../core/python-regex.ts';
import type { Step } from '../core/step.ts';
import { hexAddress, isConnectionState, waitScript } from './wait-script.ts';

export const wait_for = defineAction({
  name: 'ansible.builtin.wait_for',
  summary: 'Wait for a port, a file, a text, or a time; seen from the host',
  args: {
    host: str().default('127.0.0.1').describe('Host whose port is meant, as the managed host reaches it.'),
    port: int().optional().describe('The port.'),
    path: path().optional().describe('The file.'),
    state: choice('absent', 'drained', 'present', 'started', 'stopped')
      .default('started')
      .describe(
        'started, present: the port answers, the file is there. stopped, absent: not. drained: no connection to the port is left.',
      ),
    search_regex: str().optional().describe('Text that the file must have, or that the port must send.'),
    timeout: int().default(300).describe('Longest wait, seconds. Without port and path: just wait so long.'),
    connect_timeout: int().default(5).describe('Longest single try to connect, seconds.'),
    delay: int().default(0).describe('Seconds before the first try.'),
    sleep: int().default(1).describe('Seconds between tries.'),
    active_connection_states: list(str())
      .default(['ESTABLISHED', 'FIN_WAIT1', 'FIN_WAIT2', 'SYN_RECV', 'SYN_SENT', 'TIME_WAIT'])
      .describe('Connections that drained waits for.'),
    exclude_hosts: list(str()).optional().describe('IPv4 addresses whose connections drained does not wait for.'),
    msg: str().optional().describe('What to say when the time is over.'),
  },
  check: (args) => {
    if (args.port !== undefined && args.path !== undefined)
      return 'port and path parameter can not both be passed to wait_for';
    if (args.path !== undefined && (args.state === 'stopped' || args.state === 'drained'))
      return `state ${args.state} goes only with port`;
    if (args.state === 'drained' && args.port === undefined) return 'state drained goes only with port';
    if (args.exclude_hosts !== undefined && args.state !== 'drained')
      return 'exclude_hosts goes only with state drained';
    const unknown = args.active_connection_states.find((name) => !isConnectionState(name));
    if (unknown !== undefined) return `${unknown} is no state of a connection`;
    const name = args.exclude_hosts?.find((host) => hexAddress(host) === undefined);
    if (name !== undefined) return `exclude_hosts takes IPv4 addresses, and ${name} is none`;
    try {
      if (args.search_regex !== undefined) bytePattern(args.search_regex, { multiline: true });
    } catch (error) {
      if (error instanceof PatternError) return `search_regex is no regular expression: ${error.message}`;
      throw error;
    }
    return undefined;
  },
  example: `
- ansible.builtin.wait_for:
    port: 22
    timeout: 30
`,
})({
  steps: (args): readonly Step[] => {
    if (args.port === undefined && args.path === undefined)
      return [{ kind: 'sleep', seconds: args.delay + args.timeout }];
    const wait: Step = { kind: 'script', script: waitScript(args), accept: [0, 1], long: true };
    // What the groups of the pattern matched is told: the file is read once it is there.
    return args.path !== undefined && args.search_regex !== undefined
      ? [wait, { kind: 'script', script: `cat -- ${quote(args.path)} 2>/dev/null; :` }]
      : [wait];
  },
  parse: (args, done) => {
    const [wait, file] = done;
    const elapsed = wait === undefined ? 0 : Math.floor((wait.end - wait.start) / 1000);
    const match =
      file === undefined || args.search_regex === undefined
        ? undefined
        : search(bytePattern(args.search_regex, { multiline: true }), Buffer.from(file.stdout).toString('latin1'));
    const fields = {
      changed: false,
      state: args.state,
      port: args.port ?? null,
      path: args.path ?? null,
      search_regex: args.search_regex ?? null,
      elapsed,
      match_groups:
        match === undefined
          ? []
          : match.groups
              .slice(1)
              .map((group) => (group === undefined ? null : Buffer.from(group, 'latin1').toString('utf8'))),
      match_groupdict:
        match === undefined
          ? {}
          : Object.fromEntries(
              Object.entries(match.named).map(([name, value]) => [
                name,
                value === undefined ? null : Buffer.from(value, 'latin1').toString('utf8'),
              ]),
            ),
    };
    if (wait === undefined || wait.rc === 0) return fields;
    return { ...fields, failed: true, msg: wait.rc === 1 ? (args.msg ?? timeoutMessage(args)) : wait.stderr.trim() };
  },
});

function timeoutMessage(args: {
  readonly host: string;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  readonly state: string;
  readonly search_regex?: string | undefined;
}): string {
  const target = args.port === undefined ? (args.path ?? '') : `${args.host}:${args.port}`;
  if (args.state === 'stopped' || (args.state === 'absent' && args.port !== undefined))
    return `Timeout when waiting for ${target} to stop.`;
  if (args.state === 'absent') return `Timeout when waiting for ${target} to be absent.`;
  if (args.state === 'drained') return `Timeout when waiting for ${target} to drain`;
  if (args.search_regex !== undefined)
    return `Timeout when waiting for search string ${args.search_regex} in ${target}`;
  return args.port === undefined ? `Timeout when waiting for file ${target}` : `Timeout when waiting for ${target}`;
}
