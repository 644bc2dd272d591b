// What the screen costs: events reduced and frames made for a thousand hosts. Run: node test/bench/tui.ts
import { renderFrame } from '../../src/reporters/tui/frame.ts';
import { makeTheme } from '../../src/reporters/tui/theme.ts';
import { firstUi, PANELS } from '../../src/reporters/tui/ui.ts';
import { View } from '../../src/reporters/view.ts';
import { recorded } from '../reporters/recorded.ts';

const size = { rows: 60, columns: 200 };
const theme = makeTheme({ level: 3, unicode: true });
const cpu = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

const events = recorded(1000, { tasks: 40 });
const view = new View();
const eventMs = cpu(() => events.slice(0, -1).forEach((event) => view.apply(event)));
process.stdout.write(`${events.length} events: ${((eventMs / events.length) * 1000).toFixed(2)} ms CPU per 1000\n`);
for (const panel of PANELS) {
  const ui = firstUi({ ...size, panel });
  renderFrame(view, ui, size, theme, view.now);
  const ms = cpu(() => {
    for (let count = 0; count < 30; count += 1) renderFrame(view, ui, size, theme, view.now + count * 80);
  }) / 30;
  process.stdout.write(`frame ${panel.padEnd(12)} ${ms.toFixed(2)} ms CPU; with 5000 events and 12 frames a second ${(((eventMs / events.length) * 5000 + ms * 12) / 10).toFixed(1)} % of a core\n`);
}
const heap = (): string => `${(process.memoryUsage().heapUsed / 1e6).toFixed(0)} MB`;
process.stdout.write(`heap after ${view.version} events: ${heap()}\n`);
for (let round = 0; round < 5; round += 1) for (const event of events) if (event.kind !== 'run-end') view.apply(event);
process.stdout.write(`heap after ${view.version} events: ${heap()}\n`);
