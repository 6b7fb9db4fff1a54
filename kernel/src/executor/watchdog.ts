// The thread between the front process and the main thread. It hands on what is asked, interrupts the main thread, however
// busy it is, and ends the process when the front process is gone.
import { Session } from "node:inspector";
import { Socket } from "node:net";
import { deserialize, serialize } from "node:v8";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { frame, unframe } from "./frames";
import { Holder, Phase, Slot } from "./phase";
import { descriptors, type FromSampler, type FromWatchdog, type Message, type ToExecutor } from "./protocol";
import { sampleEvery, serveCells } from "./sampling";

/** How long a cell may take to stop in good order before it is terminated where it stands (milliseconds). */
const patience = 100;
const retry = 20;
/** How long the main thread has, once terminated, to serve the request before it is terminated again (milliseconds). */
const chance = 50;
/** How long a main thread without a cell may take to hear of the request before what keeps it busy is terminated (milliseconds). */
const idlePatience = 1000;
/** How long the main thread may be out of JavaScript before the programs that cells have started are told as well. */
const nativePatience = 400;
/** How long the main thread has to end by itself once the front process is gone (milliseconds). */
const farewell = 500;
/** How much may wait for the front process to read it (bytes). */
const mostUnread = 1 << 16;

const shared = workerData as Int32Array;
const tell = (message: FromWatchdog) => parentPort!.postMessage(message);

const front = new Socket({ fd: descriptors.control, readable: true, writable: true });
front.on(
  "data",
  unframe((body) => take(deserialize(body) as ToExecutor)),
);
front.on("error", () => {});
front.on("close", () => {
  tell({ kind: "leave" });
  setTimeout(signalGroup, farewell, "SIGKILL");
});

parentPort!.on("message", (port: MessagePort) => void serveCells(port));

/** What the main thread has not taken yet. A message that meets a termination is lost: it is told again. */
let untaken: Array<{ number: number; message: Message }> = [];
let count = 0;

function take(message: ToExecutor): void {
  if (message.op === "interrupt") {
    interrupt();
    return;
  }
  if (message.op === "sample") {
    void sampleEvery(message.intervalMs, report);
    return;
  }
  const taken = Atomics.load(shared, Slot.taken);
  untaken = untaken.filter(({ number }) => number > taken);
  untaken.push({ number: ++count, message });
  tell({ kind: "message", number: count, message });
}

/** Values that nobody takes are left out. */
function report(message: FromSampler): void {
  if (message.kind === "values" && front.writableLength > mostUnread) return;
  front.write(frame(serialize(message)));
}

function tellAgain(): void {
  for (const { number, message } of untaken) tell({ kind: "message", number, message });
}

/** When the interrupt was asked for. */
let asked = 0;

function interrupt(): void {
  if (Atomics.exchange(shared, Slot.requested, 1) === 1) {
    Atomics.store(shared, Slot.orderly, 0); // asked for twice, while the first one waited
    return;
  }
  asked = performance.now();
  tell({ kind: "interrupt" });
  setTimeout(insist, patience);
  setTimeout(interruptPrograms, nativePatience);
}

/** The main thread may be waiting for a program. What a terminal does then: a signal to the whole group. */
function interruptPrograms(): void {
  const inCell = Atomics.load(shared, Slot.phase) === Phase.cell;
  const isOrderly = Atomics.load(shared, Slot.orderly) > 0;
  if (Atomics.load(shared, Slot.requested) === 1 && inCell && !isOrderly) signalGroup("SIGINT");
}

/** Until the main thread has served the request: tell it again, or stop what it executes. */
function insist(): void {
  const requested = Atomics.load(shared, Slot.requested) === 1;
  const phase = Atomics.load(shared, Slot.phase);
  const waits = Atomics.load(shared, Slot.orderly) > 0;
  if (phase === Phase.starting) asked = performance.now();
  // Without a cell it is served at once, unless what an earlier cell has left behind never ends.
  const isDue = !waits && (phase === Phase.cell || performance.now() - asked > idlePatience);
  want(requested && isDue);
  if (!requested || (isDue && terminate(phase))) return;
  tell({ kind: "interrupt" });
  setTimeout(insist, retry);
}

function want(lock: boolean): void {
  Atomics.store(shared, Slot.wanted, lock ? 1 : 0);
  if (!lock) Atomics.notify(shared, Slot.wanted);
}

/** Terminates what the main thread executes, unless that is not to be cut now, or has gone on to another phase. */
function terminate(phase: number): boolean {
  if (Atomics.compareExchange(shared, Slot.lock, Holder.nobody, Holder.watchdog) !== Holder.nobody) return false;
  if (Atomics.load(shared, Slot.phase) !== phase) {
    release();
    return false;
  }
  const session = new Session(); // for this once: a process with a session attached complains when it ends
  session.connectToMainThread();
  session.post("Runtime.terminateExecution", () => {
    session.disconnect();
    Atomics.store(shared, Slot.terminated, 1);
    release();
    tellAgain();
    tell({ kind: "interrupt" });
    setTimeout(insist, chance);
  });
  return true;
}

function release(): void {
  Atomics.store(shared, Slot.lock, Holder.nobody);
  Atomics.notify(shared, Slot.lock);
  want(false);
}

function signalGroup(signal: NodeJS.Signals): void {
  for (const pid of [-process.pid, process.pid]) {
    try {
      process.kill(pid, signal);
      return;
    } catch {
      // not the leader of a group
    }
  }
}
