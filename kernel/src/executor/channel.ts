// The way out of the executor. Writes block: outputs leave in order, at once also while a cell is busy, none is lost
// when the process ends, and a flood is slowed down to what the front process takes.
import { writeSync } from "node:fs";
import { serialize } from "node:v8";
import { descriptors, type FromExecutor } from "./protocol";
import { locked } from "./shared";

/** Sends one message to the front process. */
export function send(message: FromExecutor): void {
  const body = serialize(message);
  const frame = Buffer.allocUnsafe(4 + body.length);
  frame.writeUInt32LE(body.length, 0);
  body.copy(frame, 4);
  locked(() => write(frame));
}

function write(frame: Buffer): void {
  try {
    for (let sent = 0; sent < frame.length; ) sent += writeSync(descriptors.channel, frame, sent);
  } catch {
    process.kill(process.pid, "SIGKILL"); // the front process is gone, nobody is left to tell
  }
}
