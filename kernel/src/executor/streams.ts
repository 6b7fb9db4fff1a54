// stdout and stderr of a cell's code become Jupyter's streams.
import { StringDecoder } from "node:string_decoder";
import { publish } from "./run";

type Written = string | Uint8Array;
type Callback = (error?: Error | null) => void;

/** Redirects what is written by `console` or to the process's own streams. */
export function installStreams(): void {
  for (const name of ["stdout", "stderr"] as const) {
    const decoder = new StringDecoder("utf8"); // a character may be cut in two by the chunks of a pipe
    const write = (chunk: Written, encoding?: BufferEncoding | Callback, callback?: Callback): boolean => {
      const text =
        typeof chunk !== "string"
          ? decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
          : encoding === "hex" || encoding === "base64"
            ? Buffer.from(chunk, encoding).toString()
            : chunk;
      if (text) publish("stream", { name, text });
      const done = typeof encoding === "function" ? encoding : callback;
      if (done) process.nextTick(done);
      return true;
    };
    process[name].write = write as typeof process.stdout.write;
  }
}
