// What comes from the executor, as executor/protocol.ts describes it: frames, each its length in four bytes and its bytes.
import { deserialize } from "node:v8";
import type { FromExecutor } from "../executor/protocol";

const lengthBytes = 4;
/** What `v8.serialize` begins with, and UTF-8 never. */
const serialized = 0xff;

/** Takes the chunks of the stream of frames. */
export function reader(
  onMessage: (message: FromExecutor) => void,
  onText: (text: string) => void,
): (chunk: Buffer) => void {
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
      from += lengthBytes;
      if (bytes[from] === serialized) onMessage(deserialize(bytes.subarray(from, end)) as FromExecutor);
      else onText(bytes.toString("utf8", from, end));
      from = end;
    }
    chunks = from < bytes.length ? [bytes.subarray(from)] : [];
    size = bytes.length - from;
  };
}
