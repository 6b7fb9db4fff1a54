// The selective scan of Mamba in AssemblyScript with SIMD, on as many threads as there are.
// Threads take slices of the channels (to unroll, of the frames) until none is left. Slices do not know of each other, and
// what they are does not depend on the number of threads: neither do the results, to the last bit.
import { drop, dropout, dropSlices } from "../dropout/drop.as";
import { forward } from "./forward.as";
import { gradient } from "./gradient.as";
import { job, sliceGroups } from "./job.as";
import { unroll, unrollSlices } from "./unroll.as";

export { roomBytes } from "./job.as";

// Where threads meet, each number on a cache line of its own.
const calls: usize = 64; // changes when there is a job: what sleeping threads wait for
const working: usize = 128; // threads at work, the caller's not counted
const nextSlice: usize = 192;
const noSlice: u32 = 0x40000000;

/** Where the caller writes the job. */
export function jobAddress(): usize {
  return changetype<usize>(job);
}

/** Where the caller writes what is to be dropped. */
export function dropAddress(): usize {
  return changetype<usize>(drop);
}

/** Number of slices that so many groups of channels make. */
export function slicesOf(groups: usize): usize {
  return (groups + sliceGroups - 1) / sliceGroups;
}

/** Ends a job that its caller was torn out of by an interrupt. To be called before the next one is written. */
export function settle(): void {
  atomic.store<u32>(nextSlice, noSlice);
  waitForHelpers();
}

/** Does the job. */
export function compute(helpers: u32): void {
  atomic.store<u32>(nextSlice, 0);
  if (helpers > 0) {
    atomic.add<u32>(calls, 1);
    atomic.notify(calls, helpers);
  }
  takeSlices(0);
  waitForHelpers();
}

/** The life of a helping thread: asleep until there is a job. */
export function help(thread: usize): void {
  let seen: u32 = 0;
  while (true) {
    atomic.wait<u32>(calls, seen, -1);
    seen = atomic.load<u32>(calls);
    atomic.add<u32>(working, 1);
    takeSlices(thread);
    atomic.sub<u32>(working, 1);
    atomic.notify(working, 1);
  }
}

function takeSlices(thread: usize): void {
  while (true) {
    const slice = atomic.add<u32>(nextSlice, 1);
    if (slice >= noSlice) return;
    if (slice >= <u32>slices()) return;
    if (job.task === 3) unroll(slice, thread);
    else if (job.task === 2) dropout(slice);
    else if (job.task === 1) gradient(slice, thread);
    else forward(slice);
  }
}

function slices(): usize {
  if (job.task === 3) return unrollSlices();
  return job.task === 2 ? dropSlices() : slicesOf(job.groups);
}

function waitForHelpers(): void {
  // Their last slices end soon: look for a while before falling asleep.
  for (let i = 0; i < 20000; i++) if (atomic.load<u32>(working) === 0) return;
  while (true) {
    const count = atomic.load<u32>(working);
    if (count === 0) return;
    atomic.wait<u32>(working, count, -1);
  }
}

/** Sums the rows of [rows, numbers] into the first; numbers in fours. */
export function sumRows(from: usize, rows: usize, numbers: usize): void {
  const row = numbers << 2;
  for (let at = from; at < from + row; at += 16) {
    let sum = v128.load(at);
    for (let i: usize = 1; i < rows; i++) sum = f32x4.add(sum, v128.load(at + i * row));
    v128.store(at, sum);
  }
}
