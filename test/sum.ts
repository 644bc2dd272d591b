// Adds up what the test runs wrote, names every failed test once more, and prints the closing line. Arguments: worst exit status of the runs, checks passed,
// number of broken checks, their names, then the JSON files.
import { readFileSync } from 'node:fs';

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

const [statusText = '1', checksText = '0', brokenText = '0', ...rest] = process.argv.slice(2);
const broken = rest.slice(0, Number(brokenText));
const files = rest.slice(Number(brokenText));
let passed = Number(checksText);
let skipped = 0;
const failed: string[] = broken.map((name) => `check: ${name}`);
for (const file of files) {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  for (const result of testResults) {
    if (result.status === 'failed' && result.assertionResults.every((test) => test.status !== 'failed'))
      failed.push(`${result.name}: ${result.message ?? 'could not be run'}`);
    for (const test of result.assertionResults) {
      if (test.status === 'passed') passed += 1;
      else if (test.status === 'failed')
        failed.push(
          `${result.name}: ${test.fullName}\n    ${(test.failureMessages?.[0] ?? '').split('\n').slice(0, 6).join('\n    ')}`,
        );
      else skipped += 1;
    }
  }
}
for (const name of failed) process.stdout.write(`FAILED ${name}\n`);
const worst = Number(statusText);
if (failed.length === 0 && worst !== 0) failed.push('a test run ended badly without naming a test');
process.stdout.write(`${passed} passed, ${failed.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed.length > 0 || passed === 0 ? 1 : 0;
