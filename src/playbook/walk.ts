// Visits the nodes of a play in the order in which they run.
import type { Block, Node, Play, Task } from '../core/play.ts';

export type Section = 'pre_tasks' | 'roles' | 'tasks' | 'post_tasks' | 'handlers';
export interface Visited {
  readonly task: Task;
  readonly section: Section;
  /** Blocks around the task, outermost first, each with the part that the task stands in. */
  readonly blocks: readonly { readonly block: Block; readonly part: 'block' | 'rescue' | 'always' }[];
}

/** The nodes of each section of a play, in the order in which they run; handlers last. */
export function sections(play: Play): readonly (readonly [Section, readonly Node[]])[] {
  return [
    ['pre_tasks', play.preTasks],
    ['roles', play.roles.flatMap((run) => run.nodes)],
    ['tasks', play.tasks],
    ['post_tasks', play.postTasks],
    ['handlers', play.handlers],
  ];
}

/** Every task of a play, those that only mark the end of a role left out. */
export function* walkTasks(play: Play): Generator<Visited> {
  for (const [section, nodes] of sections(play)) yield* walkNodes(nodes, section, []);
}

/** Every task below some nodes. */
export function* walkNodes(nodes: readonly Node[], section: Section, blocks: Visited['blocks']): Generator<Visited> {
  for (const node of nodes) {
    if (node.kind === 'task') {
      if (node.implicit !== true) yield { task: node, section, blocks };
      continue;
    }
    for (const part of ['block', 'rescue', 'always'] as const)
      yield* walkNodes(node[part], section, [...blocks, { block: node, part }]);
  }
}
