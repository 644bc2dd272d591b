// `vars_prompt`: what a play asks the person before it begins.
import type { Play } from '../core/play.ts';
import { Dict, userText, type Value } from '../core/value.ts';
import { pythonStr, type Templar } from '../template/index.ts';
import type { RunContext } from './run-context.ts';

/** The answers by name, as text. A variable given with -e is not asked for. Where nobody can be asked the default counts; without one it is Python's text of nothing, as under Ansible. */
export async function askVariables(play: Play, templar: Templar, run: RunContext): Promise<Dict> {
  const answers = new Dict();
  const given = new Set((run.options.extraVars ?? []).flatMap((layer) => [...layer.vars.keys()]));
  for (const prompt of play.varsPrompt) {
    if (given.has(prompt.name)) continue;
    const fallback = prompt.default === undefined ? undefined : templar.render(prompt.default);
    let typed = '';
    if (run.options.prompt === undefined) run.warn('Not prompting as we are not in interactive mode');
    else {
      const ask = run.options.prompt;
      const words = pythonStr(templar.render(prompt.prompt));
      const text = `${words === '' ? `input for ${prompt.name}` : words}${fallback === undefined || fallback === null ? '' : ` [${pythonStr(fallback)}]`}: `;
      const once = (before: string): Promise<string> => ask({ text: `${before}${text}`, secret: prompt.private });
      typed = await once('');
      while (prompt.confirm && typed !== (await once('confirm ')))
        typed = await once('***** VALUES ENTERED DO NOT MATCH ****\n');
      // What stands in the playbook is no secret.
      if (prompt.private && typed !== '') run.options.secrets.add(typed);
    }
    const unanswered = run.options.prompt === undefined ? null : '';
    const chosen = typed === '' ? pythonStr(fallback ?? unanswered) : typed;
    let answer: Value = prompt.unsafe ? chosen : userText(chosen, prompt.origin);
    if (prompt.encrypt !== undefined) {
      const { salt = null, saltSize = null } = prompt;
      const scope = run.variables.scope({
        play,
        extra: new Map<string, Value>([
          ['vbx_answer', chosen],
          ['vbx_method', prompt.encrypt],
          ['vbx_salt', salt],
          ['vbx_salt_size', saltSize],
        ]),
      });
      answer = run
        .templar(scope, undefined, play)
        .expression(
          `vbx_answer | password_hash(vbx_method${salt === null ? '' : ', salt=vbx_salt'}${saltSize === null ? '' : ', salt_size=vbx_salt_size'})`,
          prompt.origin,
        );
    }
    answers.set(prompt.name, answer);
  }
  return answers;
}
