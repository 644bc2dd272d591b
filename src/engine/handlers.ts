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
   * The handlers that a name means: one of that name (`name`, `role : name`), and those that listen to it, each name once. Empty when there is
   * none. Lists that came later win over earlier ones (the play's over its roles'), within a list the first wins. Names that are templates are
   * rendered with the host's variables, topics are taken as written; a name that cannot be rendered matches nothing and is told to `unusable`.
   */
  find(
    name: string,
    templarOf: (node: Node) => Templar,
    unusable: (node: Node, error: VbxError) => void = () => undefined,
  ): readonly Node[] {
    const found: Node[] = [];
    const seen = new Set<string>();
    let named: Node | undefined;
    for (const node of this.#lists()
      .toReversed()
      .flatMap((list) => [...this.#all(list)])) {
      if (named === undefined && namesOf(node, templarOf, unusable).includes(name)) named = node;
      if (!listensTo(node, name)) continue;
      const own = node.name instanceof TemplateText ? node.name.source : typeof node.name === 'string' ? node.name : '';
      if (own === '' || !seen.has(own)) found.push(node);
      seen.add(own);
    }
    if (named !== undefined && !found.includes(named)) found.unshift(named);
    return found;
  }

  /** What handlers can be notified by, as far as it is written plainly: to find the nearest of. */
  words(): string[] {
    return [...this.#all(this.#nodes)].flatMap((node) =>
      [
        ...(typeof node.name === 'string' ? [node.name] : []),
        ...node.listen.flatMap((topic) => topics(topic.value)),
      ].flatMap((word) => [word, ...withRole(node, word)]),
    );
  }

  /** The handlers by the list that they stand in; a block is a list of its own. */
  #lists(): Node[][] {
    const lists: Node[][] = [];
    let last: Node | undefined;
    for (const node of this.#nodes) {
      const list = lists.at(-1);
      const together =
        last?.kind === 'task' &&
        node.kind === 'task' &&
        last.origin.file === node.origin.file &&
        last.role?.uid === node.role?.uid;
      if (list !== undefined && together) list.push(node);
      else lists.push([node]);
      last = node;
    }
    return lists;
  }

  *#all(nodes: readonly Node[]): Iterable<Node> {
    for (const node of nodes) {
      yield node;
      if (node.kind === 'block') yield* this.#all(node.block);
    }
  }
}

/** Topics of a role's handlers are met with the role's name before them too. */
function listensTo(node: Node, name: string): boolean {
  const own = node.listen.flatMap((topic) => topics(topic.value));
  return own.includes(name) || own.some((topic) => withRole(node, topic).includes(name));
}

/** `role : name`, by the role's short and full name; empty for what stands in no role. */
function withRole({ role }: Node, name: string): string[] {
  if (role === undefined) return [];
  return [`${role.name} : ${name}`, ...(role.fqcn === undefined ? [] : [`${role.fqcn} : ${name}`])];
}

function topics(value: Value): string[] {
  const written = value instanceof TemplateText ? value.source : value;
  return Array.isArray(written) ? written.map((each) => pythonStr(each)) : written === null ? [] : [pythonStr(written)];
}

function namesOf(
  node: Task | Block,
  templarOf: (node: Node) => Templar,
  unusable: (node: Node, error: VbxError) => void,
): string[] {
  if (node.name === undefined || node.name === null) return [];
  let name: string;
  if (node.name instanceof TemplateText) {
    try {
      name = pythonStr(templarOf(node).render(node.name));
    } catch (error) {
      if (!(error instanceof VbxError)) throw error;
      if (node.listen.length === 0) unusable(node, error);
      return [];
    }
  } else name = pythonStr(node.name);
  return [name, ...withRole(node, name)];
}
