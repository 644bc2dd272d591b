// async_status: how a task that was started with `async` and `poll: 0` is doing; the engine carries it out.
import { choice, str } from '../core/args.ts';
import { defineControl } from '../core/module.ts';

export const async_status = defineControl({
  name: 'ansible.builtin.async_status',
  summary: 'Ask how a background task is doing',
  args: {
    jid: str().describe('`ansible_job_id` of the registered result of the task.'),
    mode: choice('status', 'cleanup').default('status').describe('Ask, or forget the job.'),
  },
  example: `
- ansible.builtin.async_status:
    jid: "{{ job.ansible_job_id }}"
  when: false
`,
});
