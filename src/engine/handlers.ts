// The handlers of a play: found by name or topic, run in the order of their definition for the hosts that notified them.
import { VbxError } from '../core/error.ts';
import type { Block, Node, Task } from '../core/play.ts';
import { TemplateText, type Value } from '../core/value.ts';
import { pythonStr, type Templar } from '../template/index.ts';

export class Handlers {
  readonly #nodes: Node[] = [];
  readonly #known = new Set<string>();

  constructor(nodes: readonly Node[]) {
    this.add(nodes);
  }

  /** Adds handlers (those of a role included in mid-play) behind the others; known ones stay where they are. */
  add(nodes: readonly Node[]): void {
    for (const node of nodes) {
      if (this.#known.has(node.id)) continue;
      this.#known.add(node.id);
      this.#nodes.push(node);
    }
  }

  /** In order of definition; blocks as they are. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  /**
   * The handlers that a name means: the last one of that name (`name`, `role : name`), and all that listen to it. Empty when there is none.
   * Names that are templates are rendered with the host's variables; one that cannot be rendered matches nothing.
   */
  find(name: string, templarOf: (node: Node) => Templar): readonly Node[] {
    const found: Node[] = [];
    let named: Node | undefined;
    for (const node of this.#all(this.#nodes)) {
      if (namesOf(node, templarOf).includes(name)) named = node;
      if (node.listen.some((topic) => topics(topic.value, () => templarOf(node)).includes(name))) found.push(node);
    }
    if (named !== undefined && !found.includes(named)) found.unshift(named);
    return found;
  }

  *#all(nodes: readonly Node[]): Iterable<Node> {
    for (const node of nodes) {
      yield node;
      if (node.kind === 'block') yield* this.#all(node.block);
    }
  }
}

function topics(value: Value, templar: () => Templar): string[] {
  const rendered = value instanceof TemplateText ? templar().render(value) : value;
  return Array.isArray(rendered) ? rendered.map((each) => pythonStr(each)) : rendered === null ? [] : [pythonStr(rendered)];
}

function namesOf(node: Task | Block, templarOf: (node: Node) => Templar): string[] {
  if (node.name === undefined || node.name === null) return [];
  let name: string;
  if (node.name instanceof TemplateText) {
    try {
      name = pythonStr(templarOf(node).render(node.name));
    } catch (error) {
      if (error instanceof VbxError) return [];
      throw error;
    }
  } else name = pythonStr(node.name);
  const { role } = node;
  return role === undefined ? [name] : [name, `${role.name} : ${name}`, ...(role.fqcn === undefined ? [] : [`${role.fqcn} : ${name}`])];
}
