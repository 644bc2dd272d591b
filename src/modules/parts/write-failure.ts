// What modules that write files say where a step failed: of content that `validate` did not accept, and of attributes that could not be set.
import { VALIDATION_FAILED, type StepResult } from '../../core/step.ts';

/** `placed`: as copy and template tell it; `edited`: as modules do that edit a file. */
export function writeFailure(
  style: 'placed' | 'edited',
  fields: Readonly<Record<string, unknown>> = {},
): (result: StepResult) => Record<string, unknown> | undefined {
  return ({ step, rc, stdout, stderr }) => {
    const said = stdout.split(`${VALIDATION_FAILED} `);
    if (step.kind === 'write' && said.length > 1) {
      const out = said.slice(0, -1).join('');
      return style === 'edited'
        ? { ...fields, msg: `failed to validate: rc:${rc} error:${stderr}`, stdout: out, stderr }
        : { ...fields, msg: 'failed to validate', exit_status: rc, stdout: out, stderr };
    }
    const last = stderr.trim().split('\n').at(-1) ?? '';
    return /^(chown|chgrp|chmod|set selinux context) failed/.test(last) ? { ...fields, msg: last } : undefined;
  };
}
