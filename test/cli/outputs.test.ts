// What --output means on a terminal, in a pipe and in a replay.
import { describe, expect, it } from 'vitest';
import { wantedOutputs, type Output } from '../../src/cli/outputs.ts';

const plain: Output = { kind: 'plain' };
const junit: Output = { kind: 'file', form: 'junit', path: 'a.xml' };
const html: Output = { kind: 'file', form: 'html', path: 'b=c.html' };

describe('--output', () => {
  const cases: readonly (readonly [
    text: string | undefined,
    canShow: boolean,
    replay: boolean,
    screen: boolean,
    others: readonly Output[],
  ])[] = [
    [undefined, true, false, true, []],
    [undefined, false, false, false, [plain]],
    ['', true, false, true, []],
    ['plain', true, false, false, [plain]],
    ['json', true, false, false, [{ kind: 'json' }]],
    ['tui', true, false, true, []],
    ['tui', false, false, false, [plain]],
    ['junit=a.xml, html=b=c.html', true, false, true, [junit, html]],
    ['junit=a.xml', false, false, false, [plain, junit]],
    ['tui,junit=a.xml,html=b=c.html', true, false, true, [junit, html]],
    ['ansible,json=x', true, false, false, [{ kind: 'ansible' }, { kind: 'file', form: 'json', path: 'x' }]],
    ['./mine.ts', true, false, false, [{ kind: 'own', path: './mine.ts' }]],
    ['tui,./mine.ts', true, false, true, [{ kind: 'own', path: './mine.ts' }]],
    [undefined, true, true, true, []],
    ['html=b=c.html', true, true, false, [html]],
    ['tui,html=b=c.html', true, true, true, [html]],
  ];
  it.each(cases)('%j, terminal %j, replay %j', (text, canShow, replay, screen, others) =>
    expect(wantedOutputs(text, { canShow, replay })).toEqual({ screen, others }),
  );

  it.each([
    ['tui,plain', 'cannot both have the terminal'],
    ['junit', 'needs a file'],
    ['html=', 'needs a file'],
    ['json=', 'needs a file'],
    ['xml', 'no output "xml"'],
  ])('refuses %s', (text, message) => {
    expect(() => wantedOutputs(text, { canShow: true, replay: false })).toThrow(message);
  });
});
