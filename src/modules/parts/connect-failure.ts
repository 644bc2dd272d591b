// Why a request found nobody to answer, in the words that playbooks look for, from what curl, its stand-in or wget said.

/** `said`: the last line of stderr. */
export function connectFailure(url: string, said: string): string {
  if (
    !/^curl: \(60\)|CERTIFICATE_VERIFY_FAILED|certificate verif|certificate (problem|subject name|common name)|cannot verify .* certificate/i.test(
      said,
    )
  )
    return `Request failed: ${said}`;
  const { host, port } = placeOf(url);
  return `Failed to validate the SSL certificate for ${host}:${port}. Make sure your managed systems have a valid CA certificate installed. You can use validate_certs=False if you do not need to confirm the servers identity but this is unsafe and not recommended. The exception msg was: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: ${said}.`;
}

function placeOf(url: string): { host: string; port: string } {
  const [, host = url, port = '443'] = /^\w+:\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*)(?::(\d+))?/.exec(url) ?? [];
  return { host, port };
}
