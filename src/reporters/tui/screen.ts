// The screen itself: takes events in at any rate, draws at most a dozen frames a second and only when something changed; the run never waits for it.
import type { Control, Event, Reporter } from '../../core/event.ts';
import type { Origin } from '../../core/origin.ts';
import { View } from '../view.ts';
import { renderFrame } from './frame.ts';
import type { Expected } from './header.ts';
import { pressed } from './keys.ts';
import { mount, type Mounted } from './mount.ts';
import type { Theme } from './theme.ts';
import { firstUi, type Action, type Ui } from './ui.ts';

const FRAME = 80;
/** Frames that are dear come less often: what they cost is at most this part of the time, but they come. */
const PART = 1 / 12;
const SLOWEST_FRAME = 500;
/** A key is answered sooner than the next frame of events. */
const FRAME_AFTER_KEY = 15;
/** Milliseconds for which the end of a run without failures is shown when no key is pressed. */
const END_SHOWN = 5000;
/** Terminals take no more than this in one copy. */
const MOST_COPIED = 50_000;

/** What the screen needs of the world: all of it may hand the terminal to another program. */
export interface ScreenHooks {
  /** Opens an editor; the terminal is free. Gives what went wrong. */
  edit(origin: Origin): Promise<string | undefined>;
  /** A shell on the host, likewise. */
  shell(host: string): Promise<string | undefined>;
  /** A file of the user's, empty when it cannot be read. */
  source(file: string): string;
}
/** Who has the time of a replay in hand. */
export interface Player {
  pause(): void;
  resume(): void;
  speed(factor: number): void;
  seek(seconds: number): void;
  /** To so many seconds from the start of the run. */
  seekTo(seconds: number): void;
  /** Seconds of the whole run. */
  readonly length: number;
  now(): number;
}
export interface ScreenOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly theme: Theme;
  readonly hooks: ScreenHooks;
  readonly confirming?: boolean;
  readonly player?: Player;
  readonly speed?: number;
  /** The person goes on without the screen, or the terminal is gone; the screen is off by then. */
  readonly onOff: (why: 'detached' | 'lost') => void;
}

export class Screen implements Reporter {
  view = new View();
  readonly #options: ScreenOptions;
  #ui: Ui;
  #expected: Expected | undefined;
  #control: Control | undefined;
  #mounted: Mounted | undefined;
  #state: 'new' | 'on' | 'off' = 'new';
  #lines: readonly string[] = [];
  #shown = '';
  /** Frames drawn so far. */
  frames = 0;
  #timer: NodeJS.Timeout | undefined;
  #due = 0;
  #drawnAt = 0;
  #cost = 0;
  #ticker: NodeJS.Timeout | undefined;
  #answer: ((text: string | undefined) => void) | undefined;
  #over: ((how: 'leave' | 'apply') => void) | undefined;
  #suspended = false;
  #wish: 'leave' | 'apply' | undefined;

  constructor(options: ScreenOptions) {
    this.#options = options;
    const { stdout } = options;
    this.#ui = firstUi({
      rows: stdout.rows || 24,
      columns: stdout.columns || 80,
      confirming: options.confirming === true,
      replay:
        options.player === undefined
          ? undefined
          : { speed: options.speed ?? 1, paused: false, seconds: options.player.length },
    });
  }

  /** Takes the terminal. */
  async start(): Promise<void> {
    const { stdout, stdin } = this.#options;
    stdout.on('error', this.#lost);
    stdin.on('error', this.#lost);
    stdin.on('end', this.#lost);
    stdout.on('resize', this.#resized);
    this.#state = 'on';
    this.#draw();
    this.#mounted = await mount({ stdin, stdout, onKey: (key) => this.key(key), lines: () => this.#lines });
    this.#ticker = setInterval(() => this.#schedule(FRAME), 1000);
    this.#ticker.unref();
  }

  get on(): boolean {
    return this.#state === 'on';
  }

  /** It has been on and will not be again. */
  get over(): boolean {
    return this.#state === 'off';
  }

  attach(control: Control): void {
    this.#control = control;
  }
  expect(expected: Expected): void {
    this.#expected = expected;
    this.#schedule(FRAME);
  }

  event(event: Event): void {
    this.view.apply(event);
    if (event.kind === 'run-end')
      this.#ui = {
        ...this.#ui,
        touched: false,
        mode: this.#ui.mode?.kind === 'filter' || this.#ui.mode?.kind === 'help' ? this.#ui.mode : undefined,
      };
    this.#schedule(this.#pace);
  }

  /** Something outside of the run's events that the person should know of: shown at the foot until the next key, and kept in the log. */
  notify(text: string): void {
    this.view.apply({ kind: 'warning', message: text, at: this.view.now, seq: 0 });
    this.#ui = { ...this.#ui, note: text };
    this.#schedule(FRAME);
  }

  /** Replays begin anew when one goes back in time. */
  restart(events: readonly Event[]): void {
    this.view = new View();
    for (const event of events) this.view.apply(event);
    this.#schedule(FRAME_AFTER_KEY);
  }

  /** Puts a question to the person; undefined: interrupted. */
  ask(question: {
    readonly text: string;
    readonly secret: boolean;
    readonly seconds?: number;
    readonly signal?: AbortSignal;
  }): Promise<string | undefined> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const settle = (text: string | undefined): void => {
        clearTimeout(timer);
        this.#answer = undefined;
        if (this.#ui.mode?.kind === 'question') this.#ui = { ...this.#ui, mode: undefined };
        this.#schedule(FRAME_AFTER_KEY);
        resolve(text);
      };
      if (!this.on) return resolve(undefined);
      this.#answer = settle;
      this.#ui = { ...this.#ui, mode: { kind: 'question', text: question.text, secret: question.secret, typed: '' } };
      if (question.seconds !== undefined) timer = setTimeout(() => settle(''), question.seconds * 1000);
      question.signal?.addEventListener('abort', () => settle(undefined), { once: true });
      this.#schedule(FRAME_AFTER_KEY);
    });
  }

  /** Shows the end until the person leaves, or for a while when all went well; then the terminal is as it was. */
  async ended(): Promise<'leave' | 'apply'> {
    if (!this.on) return this.#wish ?? 'leave';
    const how = await new Promise<'leave' | 'apply'>((resolve) => {
      this.#over = resolve;
      if (this.#wish !== undefined) resolve(this.#wish);
      const good = this.view.end?.exit === 0 && this.#options.player === undefined && this.#options.confirming !== true;
      if (good) setTimeout(() => (this.#ui.touched ? undefined : resolve('leave')), END_SHOWN);
    });
    await this.stop();
    return how;
  }

  /** Gives the terminal back. */
  async stop(): Promise<void> {
    if (this.#state !== 'on') return;
    this.#state = 'off';
    const { stdout } = this.#options;
    clearTimeout(this.#timer);
    clearInterval(this.#ticker);
    stdout.off('resize', this.#resized);
    this.#options.stdin.off('end', this.#lost);
    this.#answer?.(undefined);
    this.#over?.('leave');
    await this.#mounted?.unmount();
  }

  /** The terminal is gone: the run goes on as the signals say, nobody is waited for. */
  lost(): void {
    this.#lost();
  }

  key(name: string): void {
    const { theme } = this.#options;
    const { ui, action } = pressed(this.#ui, name, this.view, theme, this.#now());
    this.#ui = ui;
    if (action !== undefined) this.#do(action);
    this.#schedule(FRAME_AFTER_KEY);
  }

  #now(): number {
    return this.#options.player?.now() ?? Date.now();
  }

  #do(action: Action): void {
    const { player } = this.#options;
    switch (action.kind) {
      case 'pause':
      case 'resume':
        (player ?? this.#control)?.[action.kind]();
        return;
      case 'drain':
      case 'abort':
        this.#control?.[action.kind]();
        return;
      case 'proceed':
        this.#control?.proceed();
        return;
      case 'retry':
        this.#control?.retryHost(action.host);
        return;
      case 'retry-all':
        for (const host of action.hosts) this.#control?.retryHost(host);
        return;
      case 'skip':
        this.#control?.skipHost(action.host);
        return;
      case 'forks':
        this.#control?.setForks(action.forks);
        return;
      case 'speed':
        player?.speed(action.factor);
        return;
      case 'seek':
        player?.seek(action.seconds);
        return;
      case 'seek-to':
        player?.seekTo(action.seconds);
        return;
      case 'source':
        this.#ui = {
          ...this.#ui,
          path: [
            ...this.#ui.path,
            { kind: 'source', origin: action.origin, text: this.#options.hooks.source(action.origin.file) },
          ],
        };
        return;
      case 'copy':
        this.#copy(action.text);
        return;
      case 'answer':
        this.#answer?.(action.text);
        return;
      case 'edit':
        void this.#hand(() => this.#options.hooks.edit(action.origin));
        return;
      case 'shell':
        void this.#hand(() => this.#options.hooks.shell(action.host));
        return;
      case 'detach':
        void this.stop().then(() => {
          this.#control?.proceed(true);
          this.#options.onOff('detached');
        });
        return;
      case 'leave':
      case 'apply':
        this.#wish = action.kind;
        this.#over?.(action.kind);
        return;
    }
  }

  /** Hands the terminal to another program; what it says went wrong is shown. */
  async #hand(work: () => Promise<string | undefined>): Promise<void> {
    if (this.#mounted === undefined || this.#suspended) return;
    this.#suspended = true;
    let note: string | undefined;
    try {
      await this.#mounted.suspend(async () => void (note = await work()));
    } catch (error) {
      note = error instanceof Error ? error.message : String(error);
    } finally {
      this.#suspended = false;
    }
    if (note !== undefined) this.#ui = { ...this.#ui, note };
    this.#shown = '';
    this.#schedule(FRAME_AFTER_KEY);
  }

  /** By OSC 52: the terminal's own clipboard, over any number of ssh connections. The text is base64 and cannot drive the terminal. */
  #copy(text: string): void {
    const part = text.slice(0, MOST_COPIED);
    this.#options.stdout.write(`\u001b]52;c;${Buffer.from(part).toString('base64')}\u0007`);
    const lines = part.split('\n').length;
    this.#ui = { ...this.#ui, note: part === '' ? 'nothing to copy' : `copied ${lines} line${lines === 1 ? '' : 's'}` };
  }

  readonly #resized = (): void => {
    const { stdout } = this.#options;
    this.#ui = { ...this.#ui, rows: stdout.rows || 24, columns: stdout.columns || 80 };
    this.#schedule(FRAME_AFTER_KEY);
  };

  readonly #lost = (): void => {
    if (this.#state !== 'on') return;
    void this.stop().catch(() => undefined);
    this.#control?.proceed(true);
    this.#options.onOff('lost');
  };

  /** Milliseconds between frames of events. */
  get #pace(): number {
    return Math.min(SLOWEST_FRAME, Math.max(FRAME, this.#cost / PART));
  }

  #schedule(wait: number): void {
    if (this.#state !== 'on' || this.#suspended) return;
    const now = performance.now();
    const due = Math.max(now, this.#drawnAt + wait);
    if (this.#timer !== undefined) {
      if (this.#due <= due) return;
      clearTimeout(this.#timer);
    }
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // A terminal that does not keep up gets fewer frames, the newest ones.
      if (this.#options.stdout.writableLength > 0) return this.#schedule(FRAME);
      this.#draw();
    }, due - now);
  }

  #draw(): void {
    if (this.#state !== 'on' || this.#suspended) return;
    this.#drawnAt = performance.now();
    const lines = renderFrame(
      this.view,
      this.#ui,
      { rows: this.#ui.rows, columns: this.#ui.columns },
      this.#options.theme,
      this.#now(),
      this.#expected,
    );
    const joined = lines.join('\n');
    if (joined === this.#shown) return;
    this.#shown = joined;
    this.#lines = lines;
    this.frames += 1;
    this.#mounted?.update();
    // One slow frame among many (the machine was busy) does not make the next one late.
    this.#cost = this.#cost * 0.7 + (performance.now() - this.#drawnAt) * 0.3;
  }
}
