// A thread that reads recordings: it decodes, resamples and computes filterbanks while another one trains. All threads
// are given all tasks, and each takes the next file that nobody has: so they stay busy while the thread that asked is.
import { parentPort, type Transferable, workerData } from "node:worker_threads";
import { extract } from "./extract";
import type { Extracted, ExtractTask, WorkerSetup } from "./pool";

const { mels, thread, taken } = workerData as WorkerSetup;
const port = parentPort!;
let before = Promise.resolve();

port.on("message", (task: ExtractTask) => {
  before = before.then(() => work(task));
});

async function work({ id, files, next }: ExtractTask): Promise<void> {
  for (;;) {
    const index = Atomics.add(next, 0, 1);
    if (index >= files.length) return;
    Atomics.store(taken, 2 * thread, id); // tells whose fault it is, should this thread die
    Atomics.store(taken, 2 * thread + 1, index);
    const result = await extract(files[index], mels).catch((error: Error) => error.message);
    const answer: Extracted = { id, index, result };
    port.postMessage(answer, typeof result === "string" ? [] : [result.buffer as Transferable]);
  }
}
