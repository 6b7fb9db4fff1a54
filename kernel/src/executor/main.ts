// The executor process. User code runs here, on the main thread; the front process speaks with it by IPC.
import { runCell } from "./cell";
import { send } from "./channel";
import { receive } from "./comms";
import { complete, inspect, isComplete } from "./completion";
import { installExit, leave } from "./exit";
import { installHost } from "./host";
import { installInput } from "./input";
import { Interpreter } from "./interpreter";
import { startWatchdog } from "./interrupts";
import { protectLoading } from "./modules";
import type { Header, Request, ToExecutor } from "./protocol";
import { during, followRuns, newRun, publish, returnToLatest, runOf } from "./run";
import { installStackTraces } from "./stack";
import { installStreams } from "./streams";
import { failure, Interrupted } from "./traceback";

startWatchdog();
followRuns();
installStreams();
installExit();
installHost();
installInput();
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
process.on("disconnect", () => leave(0));

// What nobody catches is shown where the cell that caused it shows its output, and ends nothing.
process.on("uncaughtException", (error) => {
  report(error);
  returnToLatest();
});
process.on("unhandledRejection", (reason, promise) => during(runOf(promise), () => report(reason)));
function report(thrown: unknown): void {
  if (thrown instanceof Interrupted) return; // the cell that was interrupted has said so
  const { ename, evalue, traceback } = failure(thrown, "");
  publish("error", { ename, evalue, traceback });
}

send({ kind: "ready" });
