// The result of modules that bring an image: its inspect data, from the last step that asked for it or from what was there before.
import type { StepResult } from '../../core/step.ts';
import type { DockerImage } from '../../probes/docker-image.ts';
import { objectAt, parseJson, type Json } from '../../probes/json.ts';

/** What the step that asks for the image is called. */
export function inspectImage(name: string): string {
  return `inspect image ${name}`;
}

/** Inspect data of the image; empty where there is none. */
export function inspectedImage(before: DockerImage | undefined, done: readonly StepResult[]): Json {
  const step = [...done]
    .reverse()
    .find((result) => result.step.kind === 'http' && result.step.display.startsWith('inspect image'));
  if (step?.response !== undefined) return objectAt(parseJson(step.response.body));
  return before?.kind === 'image' ? before.info.inspect : {};
}
