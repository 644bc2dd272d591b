// The shell text around apt-get: options, lock, retries, policy-rc.d. One apt-get at a time, each failure ends the script.
import { quote, quoteAll } from '../core/quote.ts';

export interface AptOptions {
  readonly purge: boolean;
  readonly default_release?: string | undefined;
  readonly install_recommends?: boolean | undefined;
  readonly force: boolean;
  readonly allow_unauthenticated: boolean;
  readonly allow_downgrade: boolean;
  readonly allow_change_held_packages: boolean;
  readonly dpkg_options: string;
  readonly autoremove: boolean;
  readonly policy_rc_d?: number | undefined;
  readonly only_upgrade: boolean;
  readonly fail_on_autoremove: boolean;
  readonly lock_timeout: number;
}

/** One call of apt-get. `shellWords`: the names are shell text already. */
export function aptScript(options: AptOptions, command: string, names: readonly string[], shellWords = false): string {
  const removing = command === 'remove' || command === 'autoremove';
  const words = [
    'apt-get',
    '-q',
    '-y',
    '-o',
    `DPkg::Lock::Timeout=${options.lock_timeout}`,
    ...options.dpkg_options
      .split(',')
      .filter((option) => option !== '')
      .flatMap((option) => ['-o', `Dpkg::Options::=--${option.replace(/^--/, '')}`]),
    ...(options.purge && removing ? ['--purge'] : []),
    ...(options.autoremove && command !== 'autoremove' ? ['--auto-remove'] : []),
    ...(options.fail_on_autoremove ? ['--no-remove'] : []),
    ...(options.only_upgrade && !removing ? ['--only-upgrade'] : []),
    ...(options.default_release === undefined || removing ? [] : ['-t', options.default_release]),
    ...(options.install_recommends === undefined || removing
      ? []
      : ['-o', `APT::Install-Recommends=${options.install_recommends ? 'yes' : 'no'}`]),
    ...(options.allow_unauthenticated || options.force ? ['--allow-unauthenticated'] : []),
    ...(options.allow_downgrade || options.force ? ['--allow-downgrades'] : []),
    ...(options.allow_change_held_packages || options.force ? ['--allow-change-held-packages'] : []),
    ...(options.force ? ['--allow-remove-essential'] : []),
    ...command.split(' '),
  ];
  const line = `${quoteAll(words)}${names.length === 0 ? '' : ` ${shellWords ? names.join(' ') : `-- ${quoteAll(names)}`}`}`;
  if (options.policy_rc_d === undefined) return line;
  return `(
p=/usr/sbin/policy-rc.d
[ -e "$p" ] && mv -f "$p" "$p.vbx~"
trap 'rm -f "$p"; if [ -e "$p.vbx~" ]; then mv -f "$p.vbx~" "$p"; fi' EXIT
printf '#!/bin/sh\\nexit %s\\n' ${quote(String(options.policy_rc_d))} >"$p"
chmod 755 "$p"
${line}
)`;
}

/** What a refresh that was asked to tell prints where the lists were as new as could be. */
export const NOTHING_NEW = '@@nothing new';
/** The time by which Ansible knows that the lists are others: that of the stamp of apt's periodic jobs, else of the lists. */
const LISTS_TIME =
  'lists_time() { stat -c %Y /var/lib/apt/periodic/update-success-stamp 2>/dev/null || stat -c %Y /var/lib/apt/lists 2>/dev/null; }';

/**
 * Refreshes the lists, tries again with growing pauses, and sets the stamp of apt's periodic jobs, so that the time is known even when no list
 * had changed. A repository that cannot be reached is a failure (apt-get alone only warns).
 */
export function aptRefreshScript(retries: number, longest: number, lockTimeout: number, tell = false): string {
  return `${tell ? `${LISTS_TIME}\nm=$(lists_time) || :\n` : ''}n=0 d=1
until apt-get -q -o DPkg::Lock::Timeout=${lockTimeout} -o APT::Update::Error-Mode=any update >&2; do
  n=$((n+1))
  if [ "$n" -ge ${Math.max(1, retries)} ]; then echo "Failed to update apt cache after ${Math.max(1, retries)} tries" >&2; exit 100; fi
  sleep "$d"; d=$((d*2)); [ "$d" -le ${Math.max(1, longest)} ] || d=${Math.max(1, longest)}
done
${tell ? `[ "$m" != "$(lists_time)" ] || echo '${NOTHING_NEW}'\n` : ''}[ -d /var/lib/apt/periodic ] && touch /var/lib/apt/periodic/update-success-stamp || touch /var/lib/apt/lists`;
}
