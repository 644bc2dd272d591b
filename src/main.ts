#!/usr/bin/env node
// The process: fast answers first, everything else is imported when it is needed; the only place that exits.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { VERSION } from './version.ts';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `vbx needs Node 22.18 or newer, and this is ${process.version}: in a clone \`npm ci\` brings one, in node_modules/.bin\n`,
  );
  process.exit(5);
}
const args = process.argv.slice(2);
if (args.length === 1 && args[0] === '--version') {
  process.stdout.write(`vbx ${VERSION}\n`);
} else {
  // Half of a short command's time is reading its own code. In the user's own folder: compiled code from a shared /tmp could be anybody's.
  const { HOME, XDG_CACHE_HOME } = process.env;
  if (XDG_CACHE_HOME || HOME) enableCompileCache(join(XDG_CACHE_HOME || join(HOME ?? '', '.cache'), 'vbx', 'code'));
  // Nobody reads any more (a pager that ended, a terminal that is closed): a run goes on to a safe point all the same, and is recorded.
  process.stderr.on('error', () => undefined);
  let told = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && !told)
      process.stderr.write(`[WARNING]: the output is not complete: ${error.message}\n`);
    told = true;
  });
  const { main } = await import('./cli/program.ts');
  process.exitCode = await main(args);
  // Timers or sockets that something forgot must not keep the shell waiting; output is flushed first.
  await Promise.all(
    [process.stdout, process.stderr].map(
      (stream) =>
        new Promise<void>((resolve) =>
          stream.writableLength === 0 || stream.destroyed
            ? resolve()
            : stream.once('drain', resolve).once('close', resolve),
        ),
    ),
  );
  process.exit();
}
