// Expressions and templates a second of processor time, kept and compiled afresh, beside nunjucks: `node test/bench/template.ts`.
import nunjucks from 'nunjucks';
import { Dict, TemplateText, type Value } from '../../src/core/value.ts';
import { mapScope, nodeHost, Templar } from '../../src/template/index.ts';

const SECONDS = 0.5;

/** Runs for each second of processor time (other work on the machine does not count). */
function rate(run: (round: number) => void): number {
  for (let round = 0; round < 300; round++) run(round);
  let count = 0;
  const start = process.cpuUsage().user;
  let spent = 0;
  while (spent < SECONDS * 1e6) {
    for (let batch = 0; batch < 100; batch++) run(count++);
    spent = process.cpuUsage().user - start;
  }
  return (count * 1e6) / spent;
}

const servers = Array.from({ length: 8 }, (_, index) => ({
  name: `web${index}`,
  port: 8000 + index,
  tags: ['a', 'b'],
  enabled: index % 2 === 0,
}));
const variables = { name: 'web01', n: 5, path: '/etc/nginx/conf.d/site.conf', servers, domain: 'example.org' };
const scope = mapScope(new Map<string, Value>(Object.entries(variables).map(([key, value]) => [key, toValue(value)])));
const context = { scope, host: nodeHost(), searchPath: [] };

function toValue(plain: unknown): Value {
  if (Array.isArray(plain)) return plain.map(toValue);
  return plain !== null && typeof plain === 'object'
    ? new Dict(Object.entries(plain).map(([key, value]) => [key, toValue(value)]))
    : (plain as Value);
}

const expression = "{{ name ~ '-' ~ (n + 1) if n > 3 else path | upper }}";
const page = [
  '# {{ name }} of {{ domain }}',
  ...Array.from({ length: 12 }, (_, index) => `option_${index} = {{ n + ${index} }}`),
  '{% for server in servers %}',
  '{% if server.enabled %}',
  'server {',
  '    server_name {{ server.name }}.{{ domain }};',
  '    listen {{ server.port }};',
  '    tags {{ server.tags | join(",") }};',
  '{% for tag in server.tags %}',
  '    tag_{{ loop.index }} {{ tag | upper }};',
  '{% endfor %}',
  '}',
  '{% endif %}',
  '{% endfor %}',
  '{% set total = servers | length %}',
  'total {{ total }}',
  '{% if total > 5 %}',
  'many',
  '{% else %}',
  'few',
  '{% endif %}',
  ...Array.from({ length: 14 }, (_, index) => `line ${index} for {{ name | upper }} at {{ path }}`),
  'end',
  '',
].join('\n');

const environment = new nunjucks.Environment(null, { autoescape: false, trimBlocks: true });
const keptExpression = nunjucks.compile(expression, environment);
const keptPage = nunjucks.compile(page, environment);
const text = new TemplateText(expression);

const rows: [string, number, number][] = [
  [
    'expression, kept',
    rate(() => void new Templar(context).render(text)),
    rate(() => void keptExpression.render(variables)),
  ],
  [
    'expression, compiled each time',
    rate((round) => void new Templar(context).render(new TemplateText(`${expression}{# ${round} #}`))),
    rate((round) => void nunjucks.compile(`${expression}{# ${round} #}`, environment).render(variables)),
  ],
  [
    '50-line template, kept',
    rate(() => void new Templar(context).file(page, { name: 'page.j2' })),
    rate(() => void keptPage.render(variables)),
  ],
  [
    '50-line template, compiled each time',
    rate((round) => void new Templar(context).file(`${page}{# ${round} #}`, { name: 'page.j2' })),
    rate((round) => void nunjucks.compile(`${page}{# ${round} #}`, environment).render(variables)),
  ],
  ['condition, kept', rate(() => void new Templar(context).condition("n > 3 and name == 'web01'")), Number.NaN],
];

const shown = (value: number): string => (Number.isNaN(value) ? '-' : Math.round(value).toLocaleString('en'));
console.log(`${'per second'.padEnd(40)}${'vbx'.padStart(12)}${'nunjucks'.padStart(12)}${'ratio'.padStart(8)}`);
for (const [name, own, other] of rows)
  console.log(
    `${name.padEnd(40)}${shown(own).padStart(12)}${shown(other).padStart(12)}${(Number.isNaN(other) ? '-' : (own / other).toFixed(2)).padStart(8)}`,
  );
