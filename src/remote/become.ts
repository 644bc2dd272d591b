// How a shell becomes another user: the command line of sudo, su and doas, and what their words mean. Passwords travel on stdin only.
import type { Become } from '../core/connection.ts';
import { VbxError } from '../core/error.ts';
import { quoteAll } from '../core/quote.ts';
import { splitWords } from './split-words.ts';

/** The wanted user cannot be become: the host is there, so its task fails, as under Ansible. */
export class BecomeRefused extends VbxError {}

export interface BecomeLine {
  /** Shell text that replaces the login shell. */
  readonly line: string;
  /** Whether what was printed so far asks for the password: `maybe` when it does should nothing follow. */
  readonly asks: (printed: string) => 'yes' | 'maybe' | 'no';
}

/** `inner`: argv that runs as the become user. `token`: random text that makes sudo's prompt unmistakable. */
export function becomeLine(become: Become, inner: readonly string[], token: string): BecomeLine {
  const flags = splitWords(become.flags ?? '');
  const exe = splitWords(become.exe ?? become.method);
  const secret = become.password !== undefined;
  switch (become.method) {
    case 'sudo': {
      const own = become.flags === undefined ? ['-H'] : flags.flatMap(withoutPrompting);
      const ask = secret ? ['-S', '-p', `${token} `] : ['-n'];
      return {
        line: `exec ${quoteAll([...exe, ...own, ...ask, '-u', become.user, '--', ...inner])}`,
        asks: (printed) => (printed.includes(token) ? 'yes' : endsInPrompt(printed)),
      };
    }
    case 'su':
      return {
        line: `exec ${quoteAll([...exe, ...flags, become.user, '-c', `exec ${quoteAll(inner)}`])}`,
        asks: endsInPrompt,
      };
    case 'doas':
      return {
        line: `exec ${quoteAll([...exe, ...flags, ...(secret ? [] : ['-n']), '-u', become.user, '--', ...inner])}`,
        asks: endsInPrompt,
      };
  }
}

/** su and doas read a password only from a terminal. */
export function needsTerminal(become: Become | undefined): boolean {
  return become !== undefined && become.method !== 'sudo' && become.password !== undefined;
}

/** Whether the words of a refused become ask for a terminal (`requiretty` of sudoers, an old su). */
export function wantsTerminal(printed: string): boolean {
  return /must have a tty|must be run from a terminal|a terminal is required|tty is required|a tty required/i.test(
    printed,
  );
}

/** The error for a become that did not come to a shell; `printed` is what it said, `prompts` how often it asked. */
export function becomeRefused(become: Become, printed: string, prompts: number, where: string): BecomeRefused {
  const said = printed
    .replaceAll(/vbx-[0-9a-f]{16} ?/g, '')
    .replaceAll(/[^\x20-\x7e\n]/g, '')
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-3)
    .join('; ');
  const to = `${become.method} to ${become.user} on ${where}`;
  if (
    become.password === undefined &&
    (prompts > 0 || /password is required|no password was provided|authentication required/i.test(printed))
  )
    return new BecomeRefused(`Missing ${become.method} password`, {
      hint: `${to} asks for one: give it with -K (--ask-become-pass) or as ansible_become_password`,
    });
  if (
    become.password !== undefined &&
    (prompts > 1 || /incorrect password|authentication (failure|failed)|sorry, try again/i.test(printed))
  )
    return new BecomeRefused(`Incorrect ${become.method} password`, {
      hint: `${to} refused it: look at ansible_become_password, or at what was given to -K`,
    });
  if (/not found|(exec|sh|env): .*no such file/i.test(printed))
    return new BecomeRefused(`become: ${become.exe ?? become.method} is not on ${where}: ${said}`, {
      hint: 'set ansible_become_method (sudo, su, doas), or log in as the user that is wanted, with become: false',
    });
  return new BecomeRefused(`become: ${to} was refused${said === '' ? '' : `: ${said}`}`);
}

/** sudo's flags without those on prompting, which are chosen by whether there is a password. */
function withoutPrompting(flag: string): string[] {
  if (flag === '--stdin' || flag === '--non-interactive') return [];
  if (!/^-[AbEHiknPsS]+$/.test(flag)) return [flag];
  const rest = flag.replaceAll(/[nS]/g, '');
  return rest === '-' ? [] : [rest];
}

/** `Password: `, `doas (me@host) password: `, in any language: a last line, not ended, with a colon at its end. An error that comes in pieces looks like it too. */
function endsInPrompt(printed: string): 'maybe' | 'no' {
  return /(^|\n)[^\n]*[:：]\s?$/.test(printed) && !printed.endsWith('\n') ? 'maybe' : 'no';
}
