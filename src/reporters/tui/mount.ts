// Lines shown by Ink, and keys by their names: all that knows of React.
import type { Key } from 'ink';

export interface Mounted {
  /** The lines have changed. */
  update(): void;
  /** Frees the terminal for the time of `work`. */
  suspend(work: () => Promise<void>): Promise<void>;
  unmount(): Promise<void>;
}

interface Handle {
  readonly _handle?: { readonly setBlocking?: (blocking: boolean) => void };
}

/** Takes the terminal's other screen. Ink and React are loaded only now. */
export async function mount(given: {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly onKey: (key: string) => void;
  readonly lines: () => readonly string[];
}): Promise<Mounted> {
  // React's build for development records every render for ever; it is chosen when it is first loaded.
  const { NODE_ENV: before } = process.env;
  process.env['NODE_ENV'] = 'production';
  const [{ render, Box, Text, useApp, useInput }, { createElement, memo, useSyncExternalStore }] = await Promise.all([
    import('ink'),
    import('react'),
  ]);
  if (before === undefined) delete process.env['NODE_ENV'];
  else process.env['NODE_ENV'] = before;
  const watching = new Set<() => void>();
  const subscribe = (watch: () => void): (() => void) => {
    watching.add(watch);
    return () => void watching.delete(watch);
  };
  let suspendTerminal: ((work: () => Promise<void>) => Promise<void>) | undefined;
  const Row = memo(({ text }: { readonly text: string }) =>
    createElement(Text, { wrap: 'truncate' }, text === '' ? ' ' : text),
  );
  const App = (): ReturnType<typeof createElement> => {
    const lines = useSyncExternalStore(subscribe, given.lines);
    ({ suspendTerminal } = useApp());
    useInput((input, key) => {
      for (const name of keyNames(input, key)) given.onKey(name);
    });
    return createElement(
      Box,
      { flexDirection: 'column' },
      ...lines.map((text, index) => createElement(Row, { key: index, text })),
    );
  };
  // A terminal that takes nothing (a frozen link, ctrl-s) must not stop the run: writes are queued, not waited for.
  (given.stdout as Handle)._handle?.setBlocking?.(false);
  const instance = render(createElement(App), {
    stdin: given.stdin,
    stdout: given.stdout,
    alternateScreen: true,
    incrementalRendering: true,
    maxFps: 30,
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: true,
    isScreenReaderEnabled: false,
  });
  return {
    update: () => {
      for (const watch of watching) watch();
    },
    suspend: async (work) => {
      await suspendTerminal?.(async () => {
        // Ink takes its listener away, Node reads on all the same: what is typed would be lost to the other program. Only a stream that flows can be paused, and it flows a turn later.
        given.stdin.resume();
        await new Promise((resolve) => setImmediate(resolve));
        given.stdin.pause();
        return work();
      });
    },
    async unmount() {
      instance.unmount();
      await Promise.race([instance.waitUntilExit(), new Promise((resolve) => setTimeout(resolve, 500))]);
      instance.cleanup();
      given.stdin.unref();
      (given.stdout as Handle)._handle?.setBlocking?.(true);
    },
  };
}

/** The names of keys.ts for what Ink tells; several characters that came at once are several keys. */
export function keyNames(input: string, key: Key): string[] {
  if (key.eventType === 'release') return [];
  if (key.upArrow) return ['up'];
  if (key.downArrow) return ['down'];
  if (key.leftArrow) return ['left'];
  if (key.rightArrow) return ['right'];
  if (key.pageUp) return ['pageup'];
  if (key.pageDown) return ['pagedown'];
  if (key.home) return ['home'];
  if (key.end) return ['end'];
  if (key.return) return ['enter'];
  if (key.escape) return ['esc'];
  if (key.tab) return [key.shift ? 'shift-tab' : 'tab'];
  if (key.backspace || key.delete) return ['backspace'];
  if (key.ctrl) return [`ctrl-${input}`];
  return [...input].map((char) => (char === '\r' || char === '\n' ? 'enter' : char === '\t' ? 'tab' : char));
}
