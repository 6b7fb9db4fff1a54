// stdout and stderr of a cell's code become Jupyter's streams.
import { StringDecoder } from "node:string_decoder";
import { sendText } from "./channel";
import { currentRun } from "./run";

type Written = string | Uint8Array;
type Callback = (error?: Error | null) => void;

/** How much of a buffer becomes text at a time. */
const pieceBytes = 1 << 16;

/** Redirects what is written by `console` or to the process's own streams. */
export function installStreams(): void {
  for (const name of ["stdout", "stderr"] as const) {
    const decoder = new StringDecoder("utf8"); // a character may be cut in two by the chunks of a pipe
    const write = (chunk: Written, encoding?: BufferEncoding | Callback, callback?: Callback): boolean => {
      const { parent, silent } = currentRun();
      if (!silent) for (const text of texts(chunk, encoding, decoder)) sendText(name, text, parent);
      const done = typeof encoding === "function" ? encoding : callback;
      if (done) process.nextTick(done);
      return true;
    };
    process[name].write = write as typeof process.stdout.write;
  }
  // Else it hands each line a callback: a loop that prints a million would keep as many until its end.
  Object.assign(console, { _ignoreErrors: false });
}

function* texts(
  chunk: Written,
  encoding: BufferEncoding | Callback | undefined,
  decoder: StringDecoder,
): Generator<string> {
  if (typeof chunk === "string" && encoding !== "hex" && encoding !== "base64") return yield chunk;
  const bytes = typeof chunk === "string" ? Buffer.from(chunk, encoding as BufferEncoding) : chunk;
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    yield decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset + from, Math.min(pieceBytes, bytes.length - from)));
  }
}
