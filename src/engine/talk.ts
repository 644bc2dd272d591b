// The controller's side of a talk step: what the terminal shows goes to the dialogue, its answers are typed, and a silence that is too long ends it.
import type { Terminal } from '../core/connection.ts';
import { Dialogue } from '../core/dialogue.ts';
import type { Step } from '../core/step.ts';

/** A program that asks for a password switches the echo off first; what is typed at once might come before that. */
const TYPE_AFTER = 50;

export interface Talk {
  readonly listen: (terminal: Terminal) => (chunk: Buffer) => void;
  /** The talk is over: why it broke off, and whether for want of time. */
  readonly end: () => { readonly stderr?: Buffer; readonly timedOut?: true };
}

export function talkWith(step: Step & { kind: 'talk' }): Talk {
  const dialogue = new Dialogue(step.prompts);
  const timers = new Set<NodeJS.Timeout>();
  let patience: NodeJS.Timeout | undefined;
  let failed: string | undefined;
  let late = false;
  return {
    listen({ type, end }) {
      const wait = () => {
        clearTimeout(patience);
        if (step.quiet === undefined) return;
        patience = setTimeout(
          () => {
            late = true;
            end();
          },
          Math.max(0, step.quiet) * 1000,
        );
      };
      wait();
      return (chunk) => {
        if (failed !== undefined) return;
        const heard = dialogue.hear(chunk);
        for (const [index, answer] of heard.answers.entries()) {
          wait();
          const timer = setTimeout(
            () => {
              timers.delete(timer);
              type(answer);
            },
            TYPE_AFTER * (index + 1),
          );
          timers.add(timer);
        }
        if (heard.failed === undefined) return;
        failed = heard.failed;
        end();
      };
    },
    end() {
      clearTimeout(patience);
      for (const timer of timers) clearTimeout(timer);
      return {
        ...(failed === undefined ? {} : { stderr: Buffer.from(failed) }),
        ...(late ? { timedOut: true as const } : {}),
      };
    },
  };
}
