// Names and versions of distributions as Ansible tells them.
import { describe, expect, it } from 'vitest';
import { distributionOf, parseOsRelease } from '../../src/probes/distribution.ts';

const cases: readonly [string, string, Record<string, string>, Record<string, unknown>][] = [
  [
    'Debian 12',
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian',
    { '/etc/debian_version': '12.5' },
    {
      name: 'Debian',
      version: '12.5',
      majorVersion: '12',
      minorVersion: '5',
      release: 'bookworm',
      family: 'Debian',
      filePath: '/etc/os-release',
      fileVariety: 'Debian',
    },
  ],
  [
    'Debian testing',
    'PRETTY_NAME="Debian GNU/Linux trixie/sid"\nVERSION_CODENAME=trixie\nID=debian',
    { '/etc/debian_version': 'trixie/sid' },
    { name: 'Debian', version: 'NA', majorVersion: 'NA', release: 'trixie' },
  ],
  [
    'Ubuntu 22.04',
    'NAME="Ubuntu"\nVERSION_ID="22.04"\nVERSION="22.04.3 LTS (Jammy Jellyfish)"\nVERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian',
    { '/etc/debian_version': 'bookworm/sid' },
    { name: 'Ubuntu', version: '22.04', majorVersion: '22', release: 'jammy', family: 'Debian' },
  ],
  [
    'CentOS 7',
    'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"',
    { '/etc/centos-release': 'CentOS Linux release 7.9.2009 (Core)' },
    {
      name: 'CentOS',
      version: '7.9',
      majorVersion: '7',
      release: 'Core',
      family: 'RedHat',
      filePath: '/etc/centos-release',
      fileVariety: 'CentOS',
    },
  ],
  [
    'CentOS Stream 9',
    'NAME="CentOS Stream"\nVERSION="9"\nID="centos"\nVERSION_ID="9"',
    { '/etc/centos-release': 'CentOS Stream release 9' },
    { name: 'CentOS', version: '9', release: 'Stream' },
  ],
  [
    'RHEL 8',
    'NAME="Red Hat Enterprise Linux"\nVERSION="8.9 (Ootpa)"\nID="rhel"\nVERSION_ID="8.9"',
    { '/etc/redhat-release': 'Red Hat Enterprise Linux release 8.9 (Ootpa)' },
    {
      name: 'RedHat',
      version: '8.9',
      majorVersion: '8',
      release: 'Ootpa',
      family: 'RedHat',
      filePath: '/etc/redhat-release',
      fileVariety: 'RedHat',
    },
  ],
  [
    'Rocky 9',
    'NAME="Rocky Linux"\nVERSION="9.3 (Blue Onyx)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"',
    { '/etc/redhat-release': 'Rocky Linux release 9.3 (Blue Onyx)' },
    { name: 'Rocky', version: '9.3', majorVersion: '9', release: 'Blue Onyx', family: 'RedHat' },
  ],
  [
    'Fedora',
    'NAME="Fedora Linux"\nVERSION="39 (Server Edition)"\nID=fedora\nVERSION_ID=39',
    {},
    { name: 'Fedora', version: '39', release: '', family: 'RedHat' },
  ],
  [
    'Alpine',
    'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.19.1',
    { '/etc/alpine-release': '3.19.1' },
    {
      name: 'Alpine',
      version: '3.19.1',
      majorVersion: '3',
      release: 'NA',
      family: 'Alpine',
      filePath: '/etc/alpine-release',
    },
  ],
  [
    'openSUSE Leap',
    'NAME="openSUSE Leap"\nVERSION="15.5"\nID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.5"',
    {},
    { name: 'openSUSE Leap', version: '15.5', majorVersion: '15', release: '5', family: 'Suse' },
  ],
  [
    'Arch',
    'NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling',
    {},
    { name: 'Archlinux', version: 'rolling', family: 'Archlinux' },
  ],
];

describe('distribution', () => {
  it.each(cases)('%s', (_name, osRelease, files, wanted) => {
    expect(distributionOf(parseOsRelease(osRelease), files)).toMatchObject(wanted);
  });

  it('undoes quotes and backslashes of os-release', () => {
    expect(parseOsRelease(`A="say \\"hi\\" \\$x"\nB='it is'\nC=plain\n# D=comment`)).toEqual({
      A: 'say "hi" $x',
      B: 'it is',
      C: 'plain',
    });
  });
});
