// `prompt()` and `password()` in a cell. Like a browser's they wait for the answer, so that no `await` is needed: the main
// thread reads it from a pipe of its own, and the front process goes on answering everyone else.
import { readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
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

const chunk = Buffer.alloc(1 << 16);
let received = "";
const decoder = new StringDecoder("utf8"); // a character may be cut in two

/** Answers come as JSON, each on a line. */
function readAnswer(): Answer {
  for (;;) {
    const end = received.indexOf("\n");
    if (end >= 0) {
      const answer = JSON.parse(received.slice(0, end)) as Answer;
      received = received.slice(end + 1);
      return answer;
    }
    const length = readSync(descriptors.input, chunk);
    if (length === 0) throw new Interrupted(); // the front process is gone
    received += decoder.write(chunk.subarray(0, length));
  }
}
