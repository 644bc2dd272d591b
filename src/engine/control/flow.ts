// include_tasks, include_role and meta: what the play's flow carries out after the task.
import { type Value } from '../../core/value.ts';
import { ok, type Control } from './control.ts';

export const includeTasks: Control = ({ prepared }) => {
  const { args, values } = prepared;
  return {
    ...ok({ include: args['file'], include_args: {} }),
    flow: { kind: 'include-tasks', file: String(args['file']), ...applyOf(values.get('apply')) },
  };
};

export const includeRole: Control = ({ prepared }) => {
  const { args, values } = prepared;
  return { ...ok({ include_args: args }), flow: { kind: 'include-role', args, ...applyOf(values.get('apply')) } };
};

export const meta: Control = ({ prepared }) => ({
  ...ok({}),
  flow: { kind: 'meta', action: String(prepared.args['action']) },
});

const applyOf = (apply: Value | undefined): { apply?: Value } =>
  apply === undefined || apply === null ? {} : { apply };
