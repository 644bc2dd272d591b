import { defineConfig } from 'vitest/config';

// Four projects: `unit` needs nothing but Node and shells; `system` needs root on this machine (sshd, sudo, users);
// `differential` needs root and mmdebstrap, by which it gets a Debian with Ansible; `lab` needs the lab's hosts. The README's
// test command runs all of them. Files of the lab's tests run side by side, each on hosts of its own. Limits are generous,
// since nothing is judged by time; a test that fails is run once more, since machines are shared and real hosts have bad
// moments.
const slow = 600_000;
export default defineConfig({
  test: {
    retry: 1,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/lab/**', 'test/system/**', 'test/differential/**'],
          testTimeout: slow,
          hookTimeout: slow,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          testTimeout: slow,
          hookTimeout: slow,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'differential',
          include: ['test/differential/**/*.test.ts'],
          testTimeout: 3 * slow,
          hookTimeout: 3 * slow,
          retry: 0,
          maxConcurrency: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          testTimeout: 3 * slow,
          hookTimeout: 3 * slow,
          maxWorkers: 3,
        },
      },
    ],
  },
});
