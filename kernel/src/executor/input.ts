// `prompt()` and `password()` in a cell. Like a browser's they wait for the answer, so that no `await` is needed: the main
// thread reads it from a pipe of its own, and the front process goes on answering everyone else.
import { readSync } from "node:fs";
import { send } from "./channel";
import { interruptRequested } from "./interrupts";
import { type Answer, descriptors } from "./protocol";
import { currentRun } from "./run";
import { Interrupted } from "./traceback";

/** Gives cells their way to ask. */
export function installInput(): void {
  const prompt = (message = "") => ask(String(message), false);
  const password = (message = "") => ask(String(message), true);
  Object.assign(globalThis, { prompt, password });
}

let questions = 0;

function ask(prompt: string, password: boolean): string {
  const { allowStdin, end, parent } = currentRun();
  if (!end) throw new Error("Cannot ask for input: only a cell that runs can, and this one is over");
  if (!allowStdin) {
    throw new Error("Cannot ask for input: whoever runs this cell takes no questions, as when a whole notebook is run");
  }
  if (interruptRequested()) throw new Interrupted();
  const id = ++questions;
  send({ kind: "question", id, prompt, password, parent });
  for (;;) {
    const answer = readAnswer();
    if (answer.id !== id) continue; // the question was given up
    if (answer.value === undefined) throw new Interrupted();
    return answer.value;
  }
}

const newline = 10;

/** Answers come as JSON, each on a line. */
function readAnswer(): Answer {
  const bytes: Buffer[] = [];
  for (;;) {
    const byte = Buffer.allocUnsafe(1);
    if (readSync(descriptors.input, byte) === 0) throw new Interrupted(); // the front process is gone
    if (byte[0] === newline) return JSON.parse(Buffer.concat(bytes).toString()) as Answer;
    bytes.push(byte);
  }
}
