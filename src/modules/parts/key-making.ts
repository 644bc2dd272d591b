// What modules that make private keys have in common: the arguments that say when another key is made, and how they refuse to.
import { bool, choice, field, str } from '../../core/args.ts';

type Policy = 'never' | 'fail' | 'partial_idempotence' | 'full_idempotence' | 'always';

export function keyMakingArgs(policy: Policy) {
  return {
    force: bool().default(false).describe('Make a new key each time: regenerate=always.'),
    regenerate: choice('never', 'fail', 'partial_idempotence', 'full_idempotence', 'always')
      .default(policy)
      .describe(
        'What becomes of a key of another kind or size, or one that cannot be read (full_idempotence makes those anew too).',
      ),
    passphrase: field(str().optional(), { secret: true }).describe('Not supported: keys are made without one.'),
  };
}

export const NO_PASSPHRASE = 'passphrase is not supported: keys are made without one';

/** How refusals name the ways out; Ansible's words. */
const waysOut = (policies: string): string =>
  `Will not proceed. To force regeneration, call the module with \`generate\` set to ${policies}, or with \`force=true\`.`;
/** Of a key that cannot be read. */
export const NOT_READ_AGAIN = waysOut('`full_idempotence` or `always`');
/** Of a key that is another one. */
export const NOT_MADE_AGAIN = waysOut('`partial_idempotence`, `full_idempotence` or `always`');
