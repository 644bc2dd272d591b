// validate_argument_spec: checks values against a specification of arguments; the engine carries it out.
import { dict, raw } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const validate_argument_spec = defineControl({
  name: 'ansible.builtin.validate_argument_spec',
  summary: 'Check variables against a specification of arguments',
  args: {
    argument_spec: dict(raw()).describe(
      'The specification: name of an argument to `type`, `required`, `choices`, `elements`, `options`, ...',
    ),
    provided_arguments: dict(raw()).default({}).describe('Values to check; otherwise the variables of those names.'),
    validate_args_context: dict(raw()).optional().describe('Where the specification comes from, for messages.'),
  },
  example: `
- ansible.builtin.validate_argument_spec:
    argument_spec:
      port:
        type: int
        required: true
    provided_arguments:
      port: 80
`,
});
