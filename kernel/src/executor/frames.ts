// How bytes become messages between the two processes: the length in four bytes, then so many bytes. Both have this file.

export const lengthBytes = 4;

/** The frame around `body`. */
export function frame(body: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(lengthBytes + body.length);
  bytes.writeUInt32LE(body.length, 0);
  bytes.set(body, lengthBytes);
  return bytes;
}

/** Takes the chunks of a stream of frames, and gives their bodies. */
export function unframe(onBody: (body: Buffer) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let size = 0;
  let wanted = lengthBytes;
  return (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size < wanted) return; // not joined before it is worth it: a large message comes in thousands of chunks
    const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    let from = 0;
    for (wanted = lengthBytes; bytes.length - from >= wanted; wanted = lengthBytes) {
      const end = from + lengthBytes + bytes.readUInt32LE(from);
      wanted = end - from;
      if (bytes.length < end) break;
      onBody(bytes.subarray(from + lengthBytes, end));
      from = end;
    }
    chunks = from < bytes.length ? [bytes.subarray(from)] : [];
    size = bytes.length - from;
  };
}
