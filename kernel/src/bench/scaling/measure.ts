// What scaling is estimated from: a step, the copies of its gradients, and sums over the processes that there are.
import { BestRq, type MixerName, type Size } from "../../bestrq";
import { alone, type Communicator, sumGradients, type Timed } from "../../parallel";
import { tf } from "../../tensor";
import { median } from "../measurement";
import { type Case, Workload } from "../work";

const sizesMeasured = [8, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];
/** What {@link sumGradients} exchanges at once. */
export const bucketBytes = 25e6;

/** Seconds of a forward and a backward pass while all processes do one; the slowest counts, as all wait for it. */
export async function stepSeconds(task: Omit<Case, "work">, repeat: number, processes: Communicator) {
  const workload = new Workload({ ...task, work: "train" });
  await workload.pass();
  const times: number[] = [];
  for (let i = 0; i < repeat; i++) times.push(await timed(processes, () => workload.pass()));
  workload.dispose();
  return median(times);
}

/** Seconds of copying all gradients from tensors and back, and of summing them over all processes. */
export async function gradientSeconds(task: { mixer: MixerName; size: Size }, repeat: number, processes: Communicator) {
  const model = new BestRq({ ...task, seed: 1 });
  const shapes = model.entries().map(([, { shape }]) => shape);
  model.dispose();
  const sum = async (communicator: Communicator) => {
    const gradients = shapes.map((shape) => tf.zeros(shape));
    return timed(processes, async () => tf.dispose(await sumGradients(gradients, communicator, { bucketBytes })));
  };
  const copying: Communicator = { ...alone, size: 2 }; // as if there were another, with nothing to exchange
  const times = { copy: [] as number[], gradients: [] as number[] };
  for (let i = 0; i <= repeat; i++) {
    times.copy.push(await sum(copying));
    times.gradients.push(await sum(processes));
  }
  return { copy: median(times.copy.slice(1)), gradients: median(times.gradients.slice(1)) };
}

/** Seconds of sums of many sizes: of several, the shortest, as others use the machine and the network too. */
export async function sumSeconds(processes: Communicator): Promise<Timed[]> {
  const measured: Timed[] = [];
  for (const size of sizesMeasured) {
    const values = new Float32Array(size / 4);
    const times: number[] = [];
    for (let i = 0; i < 12; i++) times.push(await timed(processes, () => processes.sum(values)));
    measured.push({ bytes: size, seconds: Math.min(...times.slice(2)) });
  }
  return measured;
}

/** Begins in all processes at once; the seconds of the slowest. */
async function timed(processes: Communicator, body: () => Promise<void>): Promise<number> {
  await processes.barrier();
  const began = performance.now();
  await body();
  const all = new Float64Array(processes.size);
  all[processes.rank] = (performance.now() - began) / 1000;
  await processes.sum(all);
  return Math.max(...all);
}
