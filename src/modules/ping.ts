// ping: proves that the host can be reached and has a working shell; it changes nothing.
import { str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe } from '../core/probe.ts';

interface Alive {
  readonly kind: 'alive' | 'silent';
}

export const ping = defineModule({
  name: 'ansible.builtin.ping',
  summary: 'Check that a host can be reached and used',
  args: { data: str().default('pong').describe('What is returned as `ping`; `crash` fails.') },
  example: `
- ansible.builtin.ping:
`,
  reports: true,
  probe: () => ({
    host: scriptProbe('ping', 'echo alive', (answer): Alive => ({
      kind: answer.stdout.toString('latin1').trim() === 'alive' ? 'alive' : 'silent',
    })),
  }),
})({
  plan: ({ data }, { host }) =>
    data === 'crash'
      ? { failed: 'boom' }
      : host.kind === 'silent'
        ? { failed: 'the shell of the host does not answer' }
        : { after: {} },
  apply: () => [],
  result: ({ data }) => ({ ping: data }),
});
