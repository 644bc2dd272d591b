// Whether a screen makes sense here, decided before anything of it is loaded.

type Env = Readonly<Record<string, string | undefined>>;

/** A screen is for a person at a terminal: not for pipes, CI, terminals without a cursor, or screen readers. */
export function canShowScreen(
  env: Env = process.env,
  streams: { readonly in: boolean; readonly out: boolean } = { in: process.stdin.isTTY, out: process.stdout.isTTY },
): boolean {
  const { TERM: term, CI: ci, INK_SCREEN_READER: reader, VBX_TUI: own } = env;
  if (!streams.in || !streams.out || own === '0') return false;
  return (
    term !== undefined &&
    term !== '' &&
    term !== 'dumb' &&
    (ci === undefined || ci === '' || ci === 'false' || ci === '0') &&
    reader !== 'true'
  );
}
