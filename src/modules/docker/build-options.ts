// Options of `docker build` as words, for the modules that build from a folder on the host.

/** Values of a build; what is undefined is not said. */
export interface BuildOptions {
  readonly dockerfile?: string | undefined;
  readonly cacheFrom?: readonly string[] | undefined;
  readonly pull?: boolean;
  readonly network?: string | undefined;
  readonly nocache?: boolean;
  readonly rm?: boolean;
  readonly etcHosts?: Readonly<Record<string, string>> | undefined;
  readonly args?: Readonly<Record<string, unknown>> | undefined;
  readonly target?: string | undefined;
  readonly platforms?: readonly string[] | undefined;
  readonly shmSize?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly memory?: string | undefined;
  readonly memorySwap?: string | undefined;
  readonly cpuShares?: number | undefined;
  readonly cpusetCpus?: string | undefined;
}

/** Words between `build` and the folder. `folder` is what a relative Dockerfile is relative to. */
export function buildWords(options: BuildOptions, folder: string): string[] {
  const many = (flag: string, values: readonly string[] | undefined): string[] =>
    (values ?? []).flatMap((value) => [flag, value]);
  const one = (flag: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [flag, String(value)];
  const { dockerfile } = options;
  return [
    ...one(
      '--file',
      dockerfile === undefined
        ? undefined
        : dockerfile.startsWith('/')
          ? dockerfile
          : `${folder.replace(/\/+$/, '')}/${dockerfile}`,
    ),
    ...many('--cache-from', options.cacheFrom),
    ...(options.pull === true ? ['--pull'] : []),
    ...one('--network', options.network),
    ...(options.nocache === true ? ['--no-cache'] : []),
    ...(options.rm === false ? ['--rm=false'] : []),
    ...many('--add-host', pairs(options.etcHosts, ':')),
    ...many('--build-arg', pairs(options.args, '=')),
    ...one('--target', options.target),
    ...(options.platforms === undefined || options.platforms.length === 0
      ? []
      : ['--platform', options.platforms.join(',')]),
    ...one('--shm-size', options.shmSize),
    ...many('--label', pairs(options.labels, '=')),
    ...one('--memory', options.memory),
    ...one('--memory-swap', options.memorySwap),
    ...one('--cpu-shares', options.cpuShares),
    ...one('--cpuset-cpus', options.cpusetCpus),
  ];
}

function pairs(map: Readonly<Record<string, unknown>> | undefined, separator: string): string[] {
  return Object.entries(map ?? {}).map(
    ([name, value]) => `${name}${separator}${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
}
