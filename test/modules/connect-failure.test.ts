// Why nobody answered a request, as playbooks look for it.
import { expect, it } from 'vitest';
import { connectFailure } from '../../src/modules/parts/connect-failure.ts';

it.each([
  [
    'https://a.example/x',
    "curl: (60) SSL: no alternative certificate subject name matches target host name 'a.example'",
    /^Failed to validate the SSL certificate for a\.example:443\. .* The exception msg was: .*certificate verify failed: curl: \(60\) SSL/,
  ],
  [
    'https://me:pw@b.example:8443/',
    "ERROR: cannot verify b.example's certificate, issued by 'CN=ca':",
    /^Failed to validate the SSL certificate for b\.example:8443\./,
  ],
  [
    'https://c.example',
    'curl: (60) [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed',
    /^Failed to validate the SSL certificate for c\.example:443\./,
  ],
  ['https://c.example', 'curl: (7) Failed to connect', /^Request failed: curl: \(7\) Failed to connect$/],
])('%s: %s', (url, said, words) => expect(connectFailure(url, said)).toMatch(words));
