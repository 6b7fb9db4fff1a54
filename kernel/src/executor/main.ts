// The executor process. User code runs here, on the main thread; the front process speaks with it by IPC.
import { runCell } from "./cell";
import { send } from "./channel";
import { receive } from "./comms";
import { complete, inspect, isComplete } from "./completion";
import { installHost } from "./host";
import { Interpreter } from "./interpreter";
import { startWatchdog } from "./interrupts";
import { protectLoading } from "./modules";
import type { Header, Request, ToExecutor } from "./protocol";
import { during, newRun } from "./run";
import { installStackTraces } from "./stack";
import { installStreams } from "./streams";
import { failure } from "./traceback";

startWatchdog();
installStreams();
installHost();
protectLoading();
installStackTraces();
const interpreter = new Interpreter(process.cwd());

const operations: {
  [R in Request as R["op"]]: (request: R & { parent: Header }, reply: (content: object) => void) => void;
} = {
  execute: (request, reply) => runCell(interpreter, request, reply),
  complete: ({ content }, reply) => reply(complete(interpreter, content)),
  inspect: ({ content }, reply) => reply(inspect(interpreter, content)),
  is_complete: ({ content }, reply) => reply(isComplete(content)),
};

process.on("message", (message: ToExecutor) => {
  if (message.op === "comm") {
    during(newRun(message.parent), () => receive(message));
    return;
  }
  const reply = (content: object) => send({ kind: "reply", id: message.id, content });
  try {
    const operate = operations[message.op] as (request: Request, reply: (content: object) => void) => void;
    operate(message, reply);
  } catch (error) {
    reply(failure(error, ""));
  }
});
process.on("disconnect", () => process.exit(0));

// What nobody catches is shown where the cell that caused it shows its output, and ends nothing.
process.on("uncaughtException", report);
process.on("unhandledRejection", report);
function report(error: unknown): void {
  process.stderr.write(`${failure(error, "").traceback.join("\n")}\n`);
}

send({ kind: "ready" });
