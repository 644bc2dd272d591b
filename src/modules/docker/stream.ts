// Output of a container without a terminal: frames of eight bytes (stream number, three zeros, length) and their content
// (https://docs.docker.com/reference/api/engine/version/v1.45/#tag/Container/operation/ContainerAttach, "Stream format").

/** stdout and stderr of a framed stream, each in order; a frame cut short gives what there is of it. */
export function demultiplex(stream: Buffer): { readonly stdout: Buffer; readonly stderr: Buffer } {
  const parts: [Buffer[], Buffer[]] = [[], []];
  for (let at = 0; at + 8 <= stream.length;) {
    const length = stream.readUInt32BE(at + 4);
    (stream[at] === 2 ? parts[1] : parts[0]).push(stream.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return { stdout: Buffer.concat(parts[0]), stderr: Buffer.concat(parts[1]) };
}
