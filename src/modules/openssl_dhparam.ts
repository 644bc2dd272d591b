// openssl_dhparam: parameters for Diffie-Hellman of a given size, made by the host's own openssl.
import { z } from 'zod';
import { bool, choice, int, path } from '../core/args.ts';
import { defineModule, type Effect, type Plan } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { parentOf, pathProbe } from '../probes/path.ts';
import { pathWord } from '../probes/path-script.ts';
import { fileArgs } from './parts/file-attributes.ts';
import { targetOf } from './parts/file-steps.ts';
import {
  backupField,
  contentField,
  contentScript,
  fileName,
  flagEffects,
  generatedAfter,
  generatedAttributes,
  installStep,
  isThere,
  refusedPlace,
  removeSteps,
  tellStep,
  type Generated,
} from './parts/generated-file.ts';

const args = {
  path: path().describe('The file.'),
  state: choice('absent', 'present').default('present').describe('Whether it is there.'),
  size: int().default(4096).describe('Bits.'),
  force: bool().default(false).describe('Make others each time.'),
  backup: bool().default(false).describe('Keep the old file beside it.'),
  select_crypto_backend: choice('auto', 'cryptography', 'openssl')
    .default('auto')
    .describe('auto and openssl: openssl of the host. cryptography is not supported.'),
  return_content: bool().default(false).describe('Tell the parameters in the result.'),
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

interface Parameters {
  readonly kind: 'missing' | 'none' | 'parameters';
  /** Bits; 0 where there are no sound ones. */
  readonly size: number;
}
interface Observed {
  readonly at: PathState;
  readonly parent: PathState;
  readonly parameters: Parameters;
}

export const openssl_dhparam = defineModule<typeof args, Observed>({
  name: 'community.crypto.openssl_dhparam',
  summary: 'Make parameters for Diffie-Hellman',
  args,
  check: (given) => {
    if (given.select_crypto_backend === 'cryptography')
      return 'select_crypto_backend cryptography is not supported: parameters are made by openssl';
    return given.mode === 'preserve' ? 'mode "preserve" is for copy and template only' : undefined;
  },
  exampleSetup: `
- name: Have openssl
  ansible.builtin.package:
    name: openssl
`,
  example: `
- name: Have parameters for Diffie-Hellman
  community.crypto.openssl_dhparam:
    path: /etc/ssl/dhparams.pem
    size: 2048
`,
  probe: (given): { readonly [K in keyof Observed]: Probe<Observed[K]> } => ({
    at: pathProbe(given.path, {
      ...(given.return_content ? { content: 'bytes' } : {}),
      ...(given.attributes === undefined ? {} : { flags: true }),
    }),
    parent: pathProbe(parentOf(given.path)),
    // The check of large parameters takes seconds.
    parameters: scriptProbe(`dhparam:${given.path}`, parametersScript(given), parseParameters, {
      touches: [given.path],
      costly: true,
    }),
  }),
})({
  plan: (given, { at, parent, parameters }, basics): Plan<Observed> => {
    const refused = refusedPlace(given.path, at, parent);
    if (refused !== undefined) return refused;
    if (given.state === 'absent')
      return { after: { at: isThere(at) ? { kind: 'absent' } : at, parameters: { kind: 'none', size: 0 } } };
    if (parameters.kind === 'missing') return { failed: 'Failed to find required executable "openssl" on the host' };
    const fresh = given.force || parameters.size !== given.size;
    const effects: Effect[] = [
      ...(given.force && parameters.size === given.size
        ? [{ kind: 'generate', text: `make new parameters ${given.path}` }]
        : []),
      ...flagEffects(given.path, at, given),
    ];
    return {
      after: {
        at: generatedAfter(fileOf(given), at, parent, basics, fresh),
        ...(fresh ? { parameters: { kind: 'parameters' as const, size: given.size } } : {}),
      },
      effects,
    };
  },
  apply: (given, { before, after, effects }, basics) => {
    if (given.state === 'absent') return removeSteps(given.path, before.at, given.backup);
    const target = targetOf(given.path, before.at, true);
    const fresh = before.parameters.size !== after.parameters.size || effects.some(({ kind }) => kind === 'generate');
    const made = fresh
      ? [
          installStep(
            `openssl dhparam -out "$t/new" ${given.size}`,
            [{ path: target.path, name: 'new', mode: fileOf(given).mode }],
            { backup: given.backup, unsafe: given.unsafe_writes },
          ),
        ]
      : [];
    return [
      ...made,
      ...generatedAttributes(fileOf(given), before.at, after.at, before.parent, basics),
      ...(fresh && given.return_content ? [tellStep(contentScript(given.path))] : []),
    ];
  },
  result: (given, { before, after }, done) => ({
    size: given.size,
    filename: fileName(given.path, before.at),
    ...backupField(done),
    ...(given.return_content ? { dhparams: contentField(given.path, after.at, done) } : {}),
  }),
  failure: ({ step, stderr }) =>
    step.kind === 'script' && step.script.includes('openssl dhparam') ? { msg: stderr.trim() } : undefined,
});

function fileOf(given: Args): Generated {
  return { path: given.path, wish: given, mode: '0644' };
}

function parametersScript(given: Args): string {
  return `command -v openssl >/dev/null || { echo missing; exit 0; }
p=${pathWord(given.path)}
[ -f "$p" ] || exit 0
openssl dhparam -check -text -noout -in "$p" 2>&1 || echo failed`;
}

/** `DH Parameters: (2048 bit)`; a warning says that they are not sound. */
export function parseParameters(answer: Answer): Parameters {
  const text = answer.stdout.toString('utf8');
  if (text === 'missing\n') return { kind: 'missing', size: 0 };
  const size = /Parameters:\s+\((\d+) bit\)/.exec(text)?.[1];
  return size === undefined || text.includes('WARNING') || /^failed$/m.test(text)
    ? { kind: 'none', size: 0 }
    : { kind: 'parameters', size: Number(size) };
}
