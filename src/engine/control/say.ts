// debug, assert and fail: what a play says of its variables.
import { TemplateError } from '../../core/error.ts';
import { TemplateText, Unknown, type Value } from '../../core/value.ts';
import { pythonStr, type Templar } from '../../template/index.ts';
import { failed, ok, skipped, unknown, type Control, type ControlDone } from './control.ts';

const expressionText = (value: Value): string => (value instanceof TemplateText ? value.source : pythonStr(value));

/** Ansible prints this where `var` names nothing. */
const NOT_DEFINED = 'VARIABLE IS NOT DEFINED!';

export const debug: Control = ({ request, prepared }) => {
  const { values, templar, args } = prepared;
  if (Number(args['verbosity'] ?? 0) > request.run.options.verbosity)
    return skipped({ skipped_reason: 'Verbosity threshold not met.' });
  const variable = values.get('var');
  if (variable === undefined || variable === null) {
    const msg = values.get('msg');
    return ok({ msg: msg === undefined ? 'Hello world!' : msg });
  }
  const rendered = variable instanceof TemplateText ? templar.render(variable) : variable;
  if (typeof rendered !== 'string') return ok({ [expressionText(variable)]: rendered });
  try {
    return ok({ [rendered]: templar.expression(rendered, request.task.argOrigin('var')) });
  } catch (error) {
    if (error instanceof TemplateError && error.kind === 'undefined')
      return ok({ [rendered]: request.run.options.verbosity > 0 ? `${NOT_DEFINED} ${error.message}` : NOT_DEFINED });
    throw error;
  }
};

export const assert: Control = ({ request, prepared }) => {
  const { values, args, templar } = prepared;
  const that = values.get('that') as Value;
  const conditions = conditionsOf(that, templar);
  if (conditions instanceof Unknown) return unknown(conditions.because);
  const fail = args['fail_msg'];
  let because: string | undefined;
  for (const [index, condition] of conditions.entries()) {
    const verdict = templar.condition(condition, request.task.argOrigin('that', index));
    if (verdict instanceof Unknown) because ??= verdict.because;
    else if (!verdict) return assertionFailed(condition, fail);
  }
  if (because !== undefined) return unknown(because);
  return ok({ msg: args['success_msg'] ?? 'All assertions passed' });
};

function conditionsOf(that: Value, templar: Templar): readonly Value[] | Unknown {
  if (Array.isArray(that)) return that;
  // `that: "{{ conditions }}"` may be a list of conditions; any other text is one condition.
  if (that instanceof TemplateText) {
    const rendered = templar.render(that);
    if (rendered instanceof Unknown || Array.isArray(rendered)) return rendered;
  }
  return [that];
}

function assertionFailed(condition: Value, message: unknown): ControlDone {
  return failed(message ?? 'Assertion failed', {
    assertion: condition instanceof TemplateText ? condition.source : condition,
    evaluated_to: false,
  });
}

/** The message keeps its type. */
export const fail: Control = ({ prepared: { args, values } }) => failed(values.get('msg') ?? args['msg']);
