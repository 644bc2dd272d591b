// Keywords that a template omits: as if they were not written, so that what stands around the task counts.
import { VbxError } from '../core/error.ts';
import type { Keyword, Keywords, Task, Written } from '../core/play.ts';
import { OMIT, type Templar } from '../template/index.ts';

/**
 * The task without the keywords that are omitted here: `become: "{{ wish | default(omit) }}"` takes what the block, role or play says. A
 * keyword that cannot be rendered stays, for its own place to tell of it (that of a loop's item cannot be rendered for the loop as a whole).
 */
export function withoutOmitted(task: Task, templar: () => Templar): Task {
  let keywords: { [K in Keyword]?: Written } | undefined;
  for (const [name, written] of Object.entries(task.keywords) as [Keyword, Written][]) {
    if (written.around === undefined) continue;
    const kept = unlessOmitted(written, templar());
    if (kept === written) continue;
    keywords ??= { ...task.keywords };
    if (kept === undefined) delete keywords[name];
    else keywords[name] = kept;
  }
  return keywords === undefined ? task : { ...task, keywords: keywords as Keywords };
}

function unlessOmitted(written: Written, templar: Templar): Written | undefined {
  let current: Written | undefined = written;
  try {
    while (current?.around !== undefined && templar.renderArg(current.value) === OMIT)
      current = current.around ?? undefined;
  } catch (error) {
    if (!(error instanceof VbxError)) throw error;
  }
  return current;
}
