// A package file (.deb) on the host or at a URL: what it is, and whether that is installed.
import { quote } from '../core/quote.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { compareDebian } from '../probes/version.ts';

export type DebState =
  | {
      readonly kind: 'deb';
      /** Installed version of that package, empty if none. */ readonly installed: string;
      /** The file is newer than that. */ readonly newer: boolean;
      readonly info: {
        readonly path: string;
        readonly name: string;
        readonly version: string;
        readonly url?: string;
        readonly download?: string;
      };
    }
  | { readonly kind: 'missing'; readonly message: string };

/** Of a URL the head of the file is not read ahead: it is downloaded to a folder of its own, looked at and removed. */
export function debProbe(location: string): Probe<DebState> {
  const isUrl = /^(https?|ftp):\/\//.test(location);
  const download = `if command -v curl >/dev/null; then curl -fsSL --connect-timeout 30 -o "$d/package.deb" -- ${quote(location)}; else wget -q -O "$d/package.deb" -- ${quote(location)}; fi`;
  const script = `
${isUrl ? `d=$(mktemp -d) || exit 0\ntrap 'rm -rf "$d"' EXIT\n${download} 2>/dev/null || { echo 'missing=it cannot be downloaded'; exit 0; }\nf=$d/package.deb` : `f=${quote(location)}`}
[ -r "$f" ] || { echo 'missing=there is no such file on the host'; exit 0; }
dpkg-deb -f "$f" Package Version 2>/dev/null || { echo 'missing=it is no Debian package'; exit 0; }
p=$(dpkg-deb -f "$f" Package)
dpkg-query -W -f 'Status: \${db:Status-Status}\\nInstalled: \${Version}\\n' -- "$p" 2>/dev/null
:
`;
  return scriptProbe(
    `deb:${location}`,
    script,
    (answer) => parseDeb(answer, location, isUrl ? download : undefined),
    isUrl ? { costly: true } : { touches: [location] },
  );
}

export function parseDeb(answer: Answer, location: string, download: string | undefined): DebState {
  const text = answer.stdout.toString('utf8');
  const of = (key: string) => new RegExp(`^${key}: (.*)$`, 'm').exec(text)?.[1];
  const [name, version] = [of('Package'), of('Version')];
  if (name === undefined || version === undefined)
    return { kind: 'missing', message: /^missing=(.*)$/m.exec(text)?.[1] ?? 'it cannot be read' };
  const installed = of('Status') === 'installed' ? (of('Installed') ?? '') : '';
  return {
    kind: 'deb',
    installed,
    newer: installed === '' || compareDebian(version, installed) > 0,
    info: {
      path: location.startsWith('/') ? location : `./${location}`,
      name,
      version,
      ...(download === undefined ? {} : { url: location, download }),
    },
  };
}
