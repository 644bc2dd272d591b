// What the words of `meta` do, but for flush_handlers, which the way of the host itself carries out.
import type { Task } from '../core/play.ts';
import type { Batch, Way } from './batch.ts';
import type { HostRun } from './host-run.ts';

/** Carries out one word of meta for a host, and gives how the host goes on. */
export async function carryOutMeta(batch: Batch, host: HostRun, task: Task, action: string): Promise<Way> {
  switch (action) {
    case 'noop':
      return 'ok';
    case 'end_host':
      return 'ended';
    case 'end_batch':
      batch.ended ??= 'batch';
      return 'ended';
    case 'end_play':
      batch.ended = 'play';
      return 'ended';
    case 'end_role':
      if (task.role === undefined) return 'ok';
      host.endedRole = task.role.uid;
      return 'role-ended';
    case 'clear_facts':
      batch.run.variables.hostState(host.name).clearFacts();
      host.varsVersion += 1;
      return 'ok';
    case 'clear_host_errors': {
      // Of the hosts of this play; others that failed before stay away.
      const { removed } = batch.run.variables.forPlay(batch.play);
      for (const name of removed) batch.run.failedHosts.delete(name);
      removed.clear();
      batch.failures.clear();
      for (const goOn of [...batch.lost.values()]) goOn(true);
      for (const other of batch.options.hosts) {
        other.cleared += 1;
        other.stopped = undefined;
        if (other.state === 'failed' || other.state === 'unreachable') other.forgiven = true;
      }
      return 'ok';
    }
    case 'reset_connection':
      for (const machine of batch.run.machines.all()) {
        if (machine.machine.settings.name === host.name) {
          machine.forget();
          machine.forgetBasics();
          await machine.machine.disconnect();
        }
      }
      return 'ok';
    case 'refresh_inventory':
      await batch.run.refreshInventory();
      host.varsVersion += 1;
      return 'ok';
    default:
      throw new Error(`unknown meta action ${action}`);
  }
}
