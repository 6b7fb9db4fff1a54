// The thread that interrupts the main thread, however busy it is, and ends the process when the front process is gone.
import { Session } from "node:inspector";
import { Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { Holder, Phase, Slot } from "./phase";
import { descriptors } from "./protocol";

/** How long a cell may take to stop in good order before it is terminated where it stands (milliseconds). */
const patience = 100;
const retry = 20;
/** How long the main thread has to end by itself once the front process is gone (milliseconds). */
const farewell = 500;

const shared = workerData as Int32Array;

const front = new Socket({ fd: descriptors.control, readable: true, writable: false });
front.on("data", interrupt);
front.on("error", () => {});
front.on("close", () => setTimeout(() => process.kill(process.pid, "SIGKILL"), farewell));

function interrupt(): void {
  if (Atomics.load(shared, Slot.phase) === Phase.idle) return;
  if (Atomics.exchange(shared, Slot.requested, 1) === 1) return; // already at it
  parentPort!.postMessage("interrupt");
  setTimeout(insist, patience);
}

/** Until the main thread has served the request: stop what it executes, and tell it again. */
function insist(): void {
  const requested = Atomics.load(shared, Slot.requested) === 1;
  const inCell = Atomics.load(shared, Slot.phase) === Phase.cell;
  want(requested && inCell);
  if (!requested) return;
  if (inCell) terminate();
  parentPort!.postMessage("interrupt");
  setTimeout(insist, retry);
}

function want(lock: boolean): void {
  Atomics.store(shared, Slot.wanted, lock ? 1 : 0);
  if (!lock) Atomics.notify(shared, Slot.wanted);
}

function terminate(): void {
  const holder = Atomics.compareExchange(shared, Slot.lock, Holder.nobody, Holder.watchdog);
  if (holder !== Holder.nobody) return; // the main thread is writing, or the last termination is still under way
  const session = new Session(); // for this once: a process with a session attached complains when it ends
  session.connectToMainThread();
  session.post("Runtime.terminateExecution", () => {
    session.disconnect();
    Atomics.store(shared, Slot.lock, Holder.nobody);
    Atomics.notify(shared, Slot.lock);
    want(false);
  });
}
