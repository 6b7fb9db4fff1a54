// The executor process. User code runs here, on the main thread; the watchdog thread speaks for the front process.
import { runCell } from "./cell";
import { send } from "./channel";
import { receive } from "./comms";
import { complete, inspect, isComplete } from "./completion";
import { installExit, leave } from "./exit";
import { installHost } from "./host";
import { installInput } from "./input";
import { Interpreter } from "./interpreter";
import { endStarting, startWatchdog } from "./interrupts";
import { protectLoading } from "./modules";
import type { Header, Message, Request } from "./protocol";
import { during, followRuns, newRun, publish, returnToLatest, runOf } from "./run";
import { installStackTraces } from "./stack";
import { installStreams } from "./streams";
import { failure, Interrupted } from "./traceback";

startWatchdog(take, end);
followRuns();
installStreams();
installExit();
installHost();
installInput();
protectLoading();
installStackTraces();
const interpreter = new Interpreter(process.cwd());

const operations: {
  [R in Request as R["op"]]: (
    request: R & { parent: Header },
    reply: (content: object) => void,
    taken: () => void,
  ) => void;
} = {
  execute: (request, reply, taken) => runCell(interpreter, request, reply, taken),
  complete: ({ content }, reply) => reply(complete(interpreter, content)),
  inspect: ({ content }, reply) => reply(inspect(interpreter, content)),
  is_complete: ({ content }, reply) => reply(isComplete(content)),
};

function take(message: Message, taken: () => void): void {
  if (message.op !== "execute") taken();
  if (message.op === "comm") {
    during(newRun(message.parent), () => receive(message));
    return;
  }
  const reply = (content: object) => send({ kind: "reply", id: message.id, content });
  try {
    const operate = operations[message.op] as (...call: [Request, (content: object) => void, () => void]) => void;
    operate(message, reply, taken);
  } catch (error) {
    reply(failure(error, ""));
  }
}

/** The front process is gone, or wants this one to go: so do the programs that cells have started. */
function end(): void {
  process.on("exit", () => process.kill(-process.pid, "SIGKILL"));
  leave(0);
}

process.on("SIGINT", () => {}); // for the programs that cells wait for

// What nobody catches is shown where the cell that caused it shows its output, and ends nothing. Libraries cannot have it
// otherwise: TensorFlow.js's wasm backend listens for both events in order to throw again, which ends a process.
let rejected: unknown;
process.setUncaughtExceptionCaptureCallback((error) => {
  if (error !== rejected) report(error);
  rejected = undefined;
  returnToLatest();
});
process.on("unhandledRejection", (reason, promise) => {
  rejected = reason;
  during(runOf(promise), () => report(reason));
});
function report(thrown: unknown): void {
  if (thrown instanceof Interrupted) return; // the cell that was interrupted has said so
  const { ename, evalue, traceback } = failure(thrown, "");
  publish("error", { ename, evalue, traceback });
}

endStarting();
send({ kind: "ready" });
