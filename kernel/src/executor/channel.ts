// The way out of the executor. Writes block: outputs leave in order, at once also while a cell is busy, none is lost
// when the process ends, and a flood is slowed down to what the front process takes.
import { writeSync } from "node:fs";
import { serialize } from "node:v8";
import { frame, lengthBytes } from "./frames";
import { descriptors, type FromExecutor, type Header, type StreamName } from "./protocol";
import { uninterrupted } from "./shared";

/** How much text goes at a time (UTF-16 units): little enough for an interrupt to come between two pieces. */
const pieceLength = 1 << 14;
const piece = Buffer.allocUnsafeSlow(lengthBytes + 3 * pieceLength); // kept: a cell may print a million lines
let stream: StreamName | undefined;

/** Sends one message to the front process. */
export function send(message: FromExecutor): void {
  const bytes = frame(serialize(message));
  write(bytes, bytes.length);
}

/** Sends what was written to a stream. */
export function sendText(name: StreamName["name"], text: string, parent: Header): void {
  if (text === "") return;
  if (stream?.name !== name || stream.parent !== parent) {
    const named: StreamName = { kind: "stream", name, parent };
    send(named);
    stream = named;
  }
  for (let from = 0, to = 0; from < text.length; from = to) {
    to = Math.min(from + pieceLength, text.length);
    if (to < text.length && isHighSurrogate(text.charCodeAt(to - 1))) to--; // its other half is to come along
    const part = to - from === text.length ? text : text.slice(from, to);
    const length = piece.write(part, lengthBytes);
    piece.writeUInt32LE(length, 0);
    write(piece, lengthBytes + length);
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function write(bytes: Buffer, end: number): void {
  uninterrupted(() => {
    for (let sent = 0; sent < end; ) sent += writeSome(bytes, sent, end - sent);
  });
}

function writeSome(bytes: Buffer, from: number, length: number): number {
  try {
    return writeSync(descriptors.channel, bytes, from, length);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EAGAIN" || code === "EINTR") return 0;
    if (code !== "EPIPE" && code !== "ECONNRESET") throw error; // such as a stack that is used up
    process.kill(process.pid, "SIGKILL"); // the front process is gone, nobody is left to tell
    return 0;
  }
}
