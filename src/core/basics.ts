// The little that is known of every host before anything else is asked: which tools decide how modules ask and act.

export interface Basics {
  /** `uname -s`, `-m`, `-r`. */
  readonly system: string;
  readonly machine: string;
  readonly kernel: string;
  /** From /etc/os-release: ID, VERSION_ID; empty where there is none. */
  readonly osId: string;
  readonly osIdLike: string;
  readonly osVersion: string;
  /** Ansible's ansible_os_family: Debian, RedHat, Suse, Alpine, Archlinux, ... */
  readonly osFamily: string;
  /** Ansible's ansible_service_mgr: systemd, openrc, sysvinit, ... */
  readonly serviceManager: string;
  /** Ansible's ansible_pkg_mgr: apt, dnf, yum, apk, zypper, pacman, ... */
  readonly packageManager: string;
  readonly hostname: string;
  /** The user that probes and steps run as (after become), by id, and its home and login shell. */
  readonly user: string;
  readonly uid: number;
  readonly home: string;
  /** Name of its primary group and its umask (four octal digits), which decide what new files are; where not told: the user's own name and 0022. */
  readonly group?: string;
  readonly umask?: string;
  readonly bootId: string;
  readonly selinux: boolean;
  /** It is a dry run: what a step would have said is asked for instead. */
  readonly dryRun?: true;
}
