// Ctrl-C: the first lets running tasks end, the second ends the commands on the hosts; signals of the system likewise.
import type { Control } from '../core/event.ts';

/** Watches for signals until the returned function is called. A terminal that is closed (SIGHUP) drains the run. */
export function watchInterrupts(control: Control, tell: (text: string) => void): () => void {
  let count = 0;
  const onInterrupt = (): void => {
    count += 1;
    if (count === 1) {
      tell('interrupted: running tasks end, no new one begins (once more to end the commands on the hosts)');
      control.drain();
    } else control.abort();
  };
  const onHangup = (): void => control.drain();
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  process.on('SIGHUP', onHangup);
  return () => {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
    process.off('SIGHUP', onHangup);
  };
}
