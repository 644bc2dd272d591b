// Volumes and mounts of a container, as a task writes them and as the API takes them.
import { withoutUndefined, type Json } from '../../probes/json.ts';
import type { ContainerArgs } from './container-args.ts';
import { bytes, WishError } from './wish-error.ts';

const VOLUME_MODES = new Set([
  'ro',
  'rw',
  'z',
  'Z',
  'consistent',
  'delegated',
  'cached',
  'rprivate',
  'private',
  'rshared',
  'shared',
  'rslave',
  'slave',
  'nocopy',
]);
const areModes = (text: string): boolean => text.split(',').every((mode) => VOLUME_MODES.has(mode));

/** Volumes without a source are anonymous; the others are binds (of a folder or of a named volume). Bind sources must be absolute. */
export function splitVolumes(args: Pick<ContainerArgs, 'volumes' | 'mounts'>): {
  anonymous: string[];
  binds: string[];
} {
  const anonymous: string[] = [];
  const binds: string[] = [];
  const seen = new Map<string, string>((args.mounts ?? []).map((mount) => [mount.target, 'mounts']));
  for (const volume of args.volumes ?? []) {
    const parts = volume.split(':');
    const [first = '', second, third] = parts;
    if (parts.length > 3 || (third !== undefined && !areModes(third)))
      throw new WishError(`volumes: "${volume}" must be /container, source:/container or source:/container:modes`);
    const isAnonymous = second === undefined || (third === undefined && areModes(second));
    const target = isAnonymous ? first : second;
    if (seen.has(target))
      throw new WishError(
        `the mount point "${target}" appears twice (in ${seen.get(target) ?? 'volumes'} and volumes)`,
      );
    seen.set(target, 'volumes');
    if (!isAnonymous && /^[.~]/.test(first))
      throw new WishError(`volumes: "${volume}" must name its source by an absolute path`);
    if (isAnonymous) anonymous.push(volume);
    else binds.push(`${first}:${second}:${third ?? 'rw'}`);
  }
  return { anonymous, binds };
}

/** A mount as the API takes it. */
export function mountOf(mount: NonNullable<ContainerArgs['mounts']>[number]): Json {
  const { type, target, source } = mount;
  if (source === undefined && (type === 'bind' || type === 'npipe'))
    throw new WishError(`mounts: "${target}" of type ${type} needs a source`);
  const options: Record<string, unknown> = {
    bind: {
      Propagation: mount.propagation,
      NonRecursive: mount.non_recursive,
      CreateMountpoint: mount.create_mountpoint,
      ReadOnlyNonRecursive: mount.read_only_non_recursive,
      ReadOnlyForceRecursive: mount.read_only_force_recursive,
    },
    volume: {
      NoCopy: mount.no_copy,
      Labels: mount.labels,
      Subpath: mount.subpath,
      DriverConfig:
        mount.volume_driver === undefined ? undefined : { Name: mount.volume_driver, Options: mount.volume_options },
    },
    tmpfs: {
      Mode: mount.tmpfs_mode === undefined ? undefined : octal(target, mount.tmpfs_mode),
      SizeBytes: mount.tmpfs_size === undefined ? undefined : bytes('tmpfs_size', mount.tmpfs_size),
      Options: mount.tmpfs_options?.flatMap((option) =>
        Object.entries(option).map(([key, value]) => (value === null ? [key] : [key, value])),
      ),
    },
    image: { Subpath: mount.subpath },
  };
  const member = { bind: 'BindOptions', volume: 'VolumeOptions', tmpfs: 'TmpfsOptions', image: 'ImageOptions' }[
    type as string
  ];
  const own = member === undefined ? undefined : withoutUndefined(options[type] as Json);
  return withoutUndefined({
    Type: type,
    Target: target,
    Source: source,
    ReadOnly: mount.read_only,
    Consistency: mount.consistency,
    ...(member === undefined || Object.keys(own ?? {}).length === 0 ? {} : { [member]: own }),
  });
}

function octal(target: string, text: string): number {
  if (!/^[0-7]+$/.test(text)) throw new WishError(`mounts: tmpfs_mode of "${target}" must be octal digits`);
  return parseInt(text, 8);
}
