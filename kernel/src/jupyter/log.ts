// What the kernel has to say in the log of the server that started it.
import { write } from "node:fs";

/** So much may be said at once, and so much a second. */
const burst = 100;
const linesPerSecond = 10;
const mostCharacters = 500;

let allowance = burst;
let since = Date.now();
let omitted = 0;

/** Writes a line; one who is flooded with nonsense says less and less of it. */
export function log(line: string): void {
  const now = Date.now();
  allowance = Math.min(burst, allowance + ((now - since) / 1000) * linesPerSecond);
  since = now;
  if (allowance < 1) {
    omitted++;
    return;
  }
  allowance--;
  if (omitted > 0) pass(`bestrq: ... and ${omitted} more lines\n`);
  omitted = 0;
  pass(`bestrq: ${line.slice(0, mostCharacters)}\n`);
}

/** How much may wait for a server that does not read its log (characters). */
const mostWaiting = 1 << 20;
let waiting = "";
let writing = false;

/** Writes to stderr without ever waiting for the reader. */
export function pass(text: string): void {
  waiting = (waiting + text).slice(-mostWaiting);
  if (!writing) flush();
}

function flush(): void {
  writing = waiting !== "";
  if (!writing) return;
  const text = waiting;
  waiting = "";
  write(2, text, flush);
}
