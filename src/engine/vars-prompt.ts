// `vars_prompt`: what a play asks the person before it begins.
import { PlaybookError } from '../core/error.ts';
import type { Play } from '../core/play.ts';
import { Dict, userText, type Value } from '../core/value.ts';
import { pythonStr, type Templar } from '../template/index.ts';
import type { RunContext } from './run-context.ts';

/** The answers by name. A variable given with -e is not asked for. Where nobody can be asked the default counts, or its lack is an error. */
export async function askVariables(play: Play, templar: Templar, run: RunContext): Promise<Dict> {
  const answers = new Dict();
  const given = new Set((run.options.extraVars ?? []).flatMap((layer) => [...layer.vars.keys()]));
  for (const prompt of play.varsPrompt) {
    if (given.has(prompt.name)) continue;
    const fallback = prompt.default === undefined ? undefined : templar.render(prompt.default);
    let answer: Value;
    if (run.options.prompt === undefined) {
      if (fallback === undefined) throw new PlaybookError(`nobody can be asked for "${prompt.name}" here`, { origin: prompt.origin, hint: `give it with -e ${prompt.name}=...` });
      answer = fallback;
    } else {
      const text = `${pythonStr(templar.render(prompt.prompt))}${fallback === undefined || fallback === null ? '' : ` [${pythonStr(fallback)}]`}: `;
      const ask = run.options.prompt;
      let typed = await ask({ text, secret: prompt.private });
      while (prompt.confirm && typed !== (await ask({ text: `confirm ${text}`, secret: prompt.private }))) typed = await ask({ text: `They differ. ${text}`, secret: prompt.private });
      answer = typed === '' && fallback !== undefined ? fallback : prompt.unsafe ? typed : userText(typed, prompt.origin);
    }
    if (prompt.private && typeof answer === 'string' && answer !== '') run.options.secrets.add(answer);
    if (prompt.encrypt !== undefined && typeof answer === 'string') {
      const scope = run.variables.scope({ play, extra: new Map<string, Value>([['vbx_answer', answer], ['vbx_method', prompt.encrypt], ...(prompt.saltSize === undefined ? [] : ([['vbx_salt', prompt.saltSize]] as [string, Value][]))]) });
      answer = run.templar(scope, undefined, play).expression(`vbx_answer | password_hash(vbx_method${prompt.saltSize === undefined ? '' : ', salt_size=vbx_salt'})`, prompt.origin);
    }
    answers.set(prompt.name, answer);
  }
  return answers;
}
