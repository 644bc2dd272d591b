// What --output asks for: at most one thing that has the terminal (a screen, or lines), and any number of files.
import { UsageError } from '../core/error.ts';

export type Output =
  | { readonly kind: 'plain' | 'json' | 'ansible' }
  | { readonly kind: 'file'; readonly form: 'junit' | 'html' | 'json'; readonly path: string }
  /** A reporter of the user's. */
  | { readonly kind: 'own'; readonly path: string };

export interface Outputs {
  readonly screen: boolean;
  readonly others: readonly Output[];
}

const HINT =
  'there are tui, plain, json, ansible, json=FILE, junit=FILE, html=FILE, and files of your own such as ./my-reporter.ts';

/**
 * `text`: the words of --output, undefined without it. `canShow`: whether there may be a screen. Files alone add to what is shown anyway: a screen on a terminal, plain lines elsewhere;
 * not so in a replay, which then only writes them. Errors: UsageError.
 */
export function wantedOutputs(
  text: string | undefined,
  { canShow, replay }: { readonly canShow: boolean; readonly replay: boolean },
): Outputs {
  const words = (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const others = words.filter((word) => word !== 'tui').map(outputOf);
  const lines = others.filter((output) => output.kind !== 'file' && output.kind !== 'own');
  const tui = words.includes('tui');
  if (tui && lines.length > 0)
    throw new UsageError(`tui and ${lines.map(({ kind }) => kind).join(', ')} cannot both have the terminal`, {
      hint: 'files can be written beside the screen: tui,json=FILE,junit=FILE,html=FILE',
    });
  const shows =
    tui || (lines.length === 0 && !others.some(({ kind }) => kind === 'own') && !(replay && others.length > 0));
  if (!shows) return { screen: false, others };
  return canShow ? { screen: true, others } : { screen: false, others: [{ kind: 'plain' }, ...others] };
}

function outputOf(word: string): Output {
  const [kind = '', ...rest] = word.split('=');
  const path = rest.join('=');
  if (kind === 'junit' || kind === 'html' || (kind === 'json' && word.includes('='))) {
    if (path === '') throw new UsageError(`the output ${kind} needs a file`, { hint: `${kind}=FILE` });
    return { kind: 'file', form: kind, path };
  }
  if (/^[./~].*\.[cm]?[jt]s$/.test(word)) return { kind: 'own', path: word };
  if (word === 'json' || word === 'plain' || word === 'ansible') return { kind: word };
  throw new UsageError(`there is no output "${word}"`, { hint: HINT });
}
