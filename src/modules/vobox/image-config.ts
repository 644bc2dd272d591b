// An image's configuration as instructions that give it back, because `docker import` starts from a bare file system
// (docs.docker.com/reference/cli/docker/image/import: only CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR).
import { createHash } from 'node:crypto';
import { isObject, listAt, numberAt, objectAt, textAt, textsAt, type Json } from '../../probes/json.ts';

/** Labels of vbx's own, which say what a flat image was made of. */
export const CONTEXT_LABEL = 'vbx.context.sha256';
export const BASE_LABEL = 'vbx.base.id';
export const CONFIG_LABEL = 'vbx.config.sha256';

/** Digest of everything in a configuration that a container gets from it, vbx's own labels left out: equal digests, equal behaviour. */
export function configDigest(config: Json): string {
  const labels = Object.entries(objectAt(config, 'Labels'))
    .filter(([name]) => name !== CONTEXT_LABEL && name !== BASE_LABEL && name !== CONFIG_LABEL)
    .map(([name, value]) => `${name}=${String(value as string)}`)
    .sort();
  const health = objectAt(config, 'Healthcheck');
  const parts = {
    cmd: textsAt(config, 'Cmd'),
    entrypoint: textsAt(config, 'Entrypoint'),
    env: textsAt(config, 'Env').sort(),
    ports: Object.keys(objectAt(config, 'ExposedPorts')).sort(),
    labels,
    onBuild: textsAt(config, 'OnBuild'),
    health: [
      textsAt(health, 'Test'),
      numberAt(health, 'Interval'),
      numberAt(health, 'Timeout'),
      numberAt(health, 'StartPeriod'),
      numberAt(health, 'StartInterval'),
      numberAt(health, 'Retries'),
    ],
    stopSignal: textAt(config, 'StopSignal'),
    user: textAt(config, 'User'),
    volumes: Object.keys(objectAt(config, 'Volumes')).sort(),
    workdir: textAt(config, 'WorkingDir'),
  };
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** The first instruction that cannot be said because of a line break in it, cut short; undefined where there is none. */
export function lineBreak(config: Json): string | undefined {
  return importChanges(config, {})
    .find((change) => /[\r\n]/.test(change))
    ?.replace(/[\r\n]/g, ' ')
    .slice(0, 40);
}

/** The instructions, with further labels. */
export function importChanges(config: Json, labels: Readonly<Record<string, string>>): string[] {
  const changes: string[] = [];
  for (const pair of textsAt(config, 'Env'))
    changes.push(`ENV ${pair.slice(0, pair.indexOf('='))}=${quoted(pair.slice(pair.indexOf('=') + 1))}`);
  for (const [name, value] of Object.entries({ ...objectAt(config, 'Labels'), ...labels }))
    changes.push(`LABEL ${quoted(name)}=${quoted(String(value as string))}`);
  for (const port of Object.keys(objectAt(config, 'ExposedPorts'))) changes.push(`EXPOSE ${port}`);
  const volumes = Object.keys(objectAt(config, 'Volumes'));
  if (volumes.length > 0) changes.push(`VOLUME ${JSON.stringify(volumes)}`);
  if (textAt(config, 'User') !== '') changes.push(`USER ${quoted(textAt(config, 'User'))}`);
  if (textAt(config, 'WorkingDir') !== '')
    changes.push(`WORKDIR ${textAt(config, 'WorkingDir').replaceAll('$', '\\$')}`);
  if (textAt(config, 'StopSignal') !== '') changes.push(`STOPSIGNAL ${textAt(config, 'StopSignal')}`);
  if (isObject(config['Healthcheck'])) changes.push(...healthChange(config['Healthcheck']));
  if (listAt(config, 'Entrypoint').length > 0)
    changes.push(`ENTRYPOINT ${JSON.stringify(textsAt(config, 'Entrypoint'))}`);
  // CMD comes after ENTRYPOINT, which clears it.
  if (listAt(config, 'Cmd').length > 0) changes.push(`CMD ${JSON.stringify(textsAt(config, 'Cmd'))}`);
  for (const trigger of textsAt(config, 'OnBuild')) changes.push(`ONBUILD ${trigger}`);
  return changes;
}

/** In double quotes, with `"`, `\` and `$` escaped, as Dockerfile words are. */
function quoted(value: string): string {
  return `"${value.replace(/["\\$]/g, '\\$&')}"`;
}

function healthChange(health: Json): string[] {
  const [kind, ...words] = textsAt(health, 'Test');
  if (kind === undefined) return [];
  if (kind === 'NONE') return ['HEALTHCHECK NONE'];
  const time = (flag: string, name: string): string =>
    numberAt(health, name) === 0 ? '' : `--${flag}=${numberAt(health, name)}ns `;
  const retries = numberAt(health, 'Retries') === 0 ? '' : `--retries=${numberAt(health, 'Retries')} `;
  const options = `${time('interval', 'Interval')}${time('timeout', 'Timeout')}${time('start-period', 'StartPeriod')}${time('start-interval', 'StartInterval')}${retries}`;
  return [`HEALTHCHECK ${options}CMD ${kind === 'CMD' ? JSON.stringify(words) : (words[0] ?? '')}`];
}
