// Nothing that hosts write reaches the terminal, a CI system or a report as anything but text.
import { Chalk } from 'chalk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event, Reporter } from '../../src/core/event.ts';
import { AnsibleReporter } from '../../src/reporters/ansible.ts';
import { html } from '../../src/reporters/html.ts';
import { junit } from '../../src/reporters/junit.ts';
import { PlainReporter } from '../../src/reporters/plain.ts';
import { recorded } from './recorded.ts';

const color = new Chalk({ level: 1 });

/** Everything that a reporter writes about the events. */
function told(make: (write: (text: string) => void) => Reporter, events: readonly Event[]): string {
  let text = '';
  const reporter = make((part) => void (text += part));
  for (const event of events) reporter.event(event);
  void reporter.close?.();
  return text;
}

const REPORTERS: Readonly<Record<string, (write: (text: string) => void) => Reporter>> = {
  plain: (write) => new PlainReporter({ write, warn: write, color, verbosity: 3, diff: true }),
  github: (write) => new PlainReporter({ write, warn: write, color, verbosity: 3, diff: true, groups: 'github' }),
  ansible: (write) => new AnsibleReporter({ write, warn: write, color, columns: 79, verbosity: 3 }),
  junit,
  html,
};

/** Without our own colours; control characters that are left are somebody else's. */
const foreign = (text: string): string[] =>
  text.replace(/\u001b\[[0-9;]*m/g, '').match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g) ??
  [];

describe('text from hosts', () => {
  for (const [name, make] of Object.entries(REPORTERS)) {
    it(`drives nothing through ${name}`, () => expect(foreign(told(make, recorded(20)))).toEqual([]));
    it(`drives nothing through ${name}, whatever it is`, () => {
      const base = recorded(3);
      fc.assert(
        fc.property(
          fc.string({ unit: 'binary', maxLength: 30 }),
          fc.string({
            unit: fc.constantFrom('\u001b', '[', ']', '0', ';', '\u0007', '\n', '\r', ':', '\u009b', 'm', 'x'),
          }),
          (first, second) => {
            const evil = `${first}${second}`.replace(/\u001b\[[0-9;]*m/g, '');
            const events = base.map((event): Event => {
              if (event.kind === 'output') return { ...event, text: evil };
              if (event.kind === 'task-start') return { ...event, task: { ...event.task, name: `t ${evil}` } };
              if (event.kind === 'host-end')
                return {
                  ...event,
                  outcome: {
                    ...event.outcome,
                    result: { ...event.outcome.result, msg: evil, stdout: evil, stderr: evil, [evil]: evil },
                  },
                  diffs: event.diffs.map((diff) => ({ ...diff, after: evil, resource: evil, afterHeader: evil })),
                };
              if (event.kind === 'message') return { ...event, text: evil };
              return event.kind === 'warning' ? { ...event, message: evil } : event;
            });
            expect(foreign(told(make, events))).toEqual([]);
          },
        ),
        { numRuns: 40 },
      );
    });
  }
  it('gives GitHub no commands but groups', () => {
    const lines = told(REPORTERS['github'] as (write: (text: string) => void) => Reporter, recorded(20))
      .replace(/\u001b\[[0-9;]*m/g, '')
      .split('\n')
      .map((line) => line.trimStart());
    expect(
      lines.filter((line) => line.startsWith('::') && !line.startsWith('::group::') && line !== '::endgroup::'),
    ).toEqual([]);
    expect(lines.filter((line) => line.startsWith('::group::'))).toEqual(['::group::play Set up the site']);
    expect(lines.filter((line) => line === '::endgroup::')).toHaveLength(1);
  });
  it('counts in JUnit what the recap counts', () => {
    const text = told(junit, recorded(20));
    expect(text.match(/<testsuites [^>]*>/)?.[0]).toMatch(/tests="\d+" failures="2" errors="1"/);
    expect(text.match(/<failure /g)).toHaveLength(2);
  });
  it('escapes markup in the report', () => {
    const events = recorded(3).map((event): Event =>
      event.kind === 'task-start' ? { ...event, task: { ...event.task, name: '<script>alert(1)</script>"\'' } } : event,
    );
    const text = told(html, events);
    expect(text).not.toContain('<script');
    expect(text).toContain('&lt;script&gt;');
    expect(text).toContain('<svg');
    expect(text).toContain('<h2>Failures</h2>');
  });
});

describe('the HTML report', () => {
  it('has failures, what is left, a picture with a time axis and folded differences, in this order, and loads nothing', () => {
    const text = told(html, recorded(40));
    const order = [
      '<h2>Failures',
      '<h2>Left to do',
      '<h2>Recap',
      '<h2>Timeline',
      '<line class="axis"',
      '<h2>Differences',
      '<h2>Tasks',
      '<h2>Warnings',
    ].map((part) => text.indexOf(part));
    expect(order.every((at) => at > 0)).toBe(true);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(text).not.toMatch(/\b(?:src|href)=|@import|url\(/);
    expect(text).toContain("default-src 'none'");
    expect(text).toContain('prefers-color-scheme:dark');
    expect(text.match(/<rect /g)?.length).toBe(recorded(40).filter(({ kind }) => kind === 'host-end').length);
  });
  it('stays readable for a thousand hosts', () => {
    const text = told(html, recorded(1000));
    expect(text).toMatch(/<span title="db\[[^"]{500,}">\d+ hosts: db\[/);
    expect(text).toContain('500 more hosts are not in the picture');
    expect(text.length).toBeLessThan(2_000_000);
  });
  it('tells of a run without events', () => expect(told(html, [])).toContain('cut off'));
});
