// Which tasks `--tags` and `--skip-tags` select.

/**
 * Whether a task with `tags` (rendered, its own and inherited) runs. `only`: of `--tags`, empty meaning `all`; `skip`: of `--skip-tags`.
 * `always` runs unless skipped by name, `never` only when one of the task's tags is asked for; `tagged`, `untagged` and `all` mean what they say.
 */
export function selects(tags: readonly string[], only: readonly string[], skip: readonly string[]): boolean {
  const own = new Set(tags.length === 0 ? ['untagged'] : tags);
  const tagged = tags.length > 0;
  const wanted = only.length === 0 ? ['all'] : only;
  const hits = (words: readonly string[]): boolean => words.some((word) => own.has(word));
  const runs =
    own.has('always') ||
    (wanted.includes('all') && !own.has('never')) ||
    hits(wanted) ||
    (wanted.includes('tagged') && tagged && !own.has('never'));
  if (!runs || skip.length === 0) return runs;
  if (skip.includes('all')) return own.has('always') && !skip.includes('always');
  return !hits(skip) && !(skip.includes('tagged') && tagged);
}
