import { defineConfig } from 'vitest/config';

// Three projects: `unit` needs nothing but Node; `system` needs root on this machine (sshd, containers of files);
// `lab` needs the lab's hosts. The README's test command runs all of them.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.{ts,tsx}'], exclude: ['test/lab/**', 'test/system/**'], testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: 'system', include: ['test/system/**/*.test.ts'], testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false } },
      { test: { name: 'lab', include: ['test/lab/**/*.test.ts'], testTimeout: 900_000, hookTimeout: 900_000, fileParallelism: false } },
    ],
  },
});
