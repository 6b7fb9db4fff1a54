// A job of the compiled scan: its arrays in the shared memory, and what is said of them there.
import { threadsWanted } from "../tensorflow/context";
import { instantiate, load, type Shared } from "./module";
import { haveHelpers } from "./threads";

/** The arrays of a job in the order of job.as.ts. */
const arrays = [
  ...(["x", "delta", "A", "B", "C", "skip", "state", "y", "dy"] as const),
  ...(["carry", "dx", "ddelta", "dA", "dskip", "dB", "dC", "room"] as const),
];
type ArrayName = (typeof arrays)[number];

const page = 65536;
const start = 1024; // below it are the job's description and the numbers by which threads meet

/** What job.as.ts calls them. */
const tasks = { forward: 0, gradient: 1, dropout: 2, unroll: 3 };

/** Fewer states than this, over all frames, are computed before another thread is awake. */
const worthHelp = 2 ** 17;

/** The same for numbers to drop. */
const worthHelpDropping = 2 ** 15;

let opened: { shared: Shared; functions: ReturnType<typeof instantiate> } | undefined;

function open() {
  if (opened) return opened;
  const shared = load();
  opened = { shared, functions: instantiate(shared) };
  return opened;
}

/** Has the shared memory hold so many bytes. */
function reserve(bytes: number, { memory }: Shared): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / page));
}

/**
 * Room for numbers that are to be dropped, valid until the next job is opened.
 *
 * @throws Error if the compiled code was not built.
 */
export function openDropout(count: number, keys: Int32Array, least: number, scale: number) {
  const { shared, functions } = open();
  functions.settle();
  const helpers = count < worthHelpDropping ? 0 : haveHelpers(shared, threadsWanted() - 1);
  reserve(start + 4 * (count + 3), shared);
  const { buffer } = shared.memory;
  const view = new DataView(buffer, functions.dropAddress());
  view.setUint32(4, start, true);
  view.setInt32(12, keys[0], true);
  view.setInt32(16, keys[1], true);
  view.setInt32(20, least, true);
  view.setFloat32(24, scale, true);
  return {
    values: new Float32Array(buffer, start, count),
    /** Drops the first `numbers` of the values, the first of which has this place in the whole. */
    drop(first: number, numbers: number): void {
      view.setUint32(0, Math.ceil(numbers / 4), true);
      view.setUint32(8, first, true);
      new Uint32Array(buffer, functions.jobAddress(), 1)[0] = tasks.dropout;
      functions.compute(helpers);
    },
  };
}

/** Number of slices of channels: dB and dC have a part for each. */
export function slicesOf(groups: number): number {
  return open().functions.slicesOf(groups);
}

/** Sizes of a job: frames, groups of four channels, and states, an even number. */
export interface JobSizes {
  frames: number;
  groups: number;
  states: number;
}

/**
 * Lays out a job's arrays, for at most `sizes.frames` frames at a time. They hold what was there before, and are valid
 * until the next job is opened.
 *
 * @throws Error if the scan was not built.
 */
export function openJob<Name extends ArrayName>(
  sizes: JobSizes,
  lengths: Record<Name, number>,
  slices = slicesOf(sizes.groups),
) {
  const { shared, functions } = open();
  const { frames, groups, states } = sizes;
  functions.settle();
  const wanted = frames * groups * 4 * states < worthHelp ? 0 : Math.min(threadsWanted(), slices) - 1;
  const threads = 1 + haveHelpers(shared, wanted);
  const room = (threads * functions.roomBytes(frames, states)) / 4;

  const address: Partial<Record<ArrayName, number>> = {};
  let end = start;
  for (const [name, length] of Object.entries({ ...lengths, room }) as [ArrayName, number][]) {
    address[name] = end;
    end += Math.ceil((length * 4) / 64) * 64;
  }
  reserve(end, shared);
  const { buffer } = shared.memory;
  const values = {} as Record<Name, Float32Array>;
  for (const name of Object.keys(lengths) as Name[])
    values[name] = new Float32Array(buffer, address[name], lengths[name]);
  const description = new Uint32Array(buffer, functions.jobAddress(), 6 + arrays.length);
  description.set([0, frames, groups, states, ...arrays.map((name) => address[name] ?? 0)]);

  return {
    values,
    /** Computes the first `frames` frames, forward or the gradient. */
    compute(task: "forward" | "gradient", frames: number): void {
      description[0] = tasks[task];
      description[1] = frames;
      functions.compute(wanted);
    },
    /** Unrolls the scan: so many rows from a frame on. */
    unroll(firstFrame: number, rows: number): void {
      description[0] = tasks.unroll;
      description.set([firstFrame, rows], 4 + arrays.length);
      functions.compute(wanted);
    },
    /** Sums the rows of an array, of so many numbers each, into the first. */
    sumRows(name: Name, rows: number, numbers: number): void {
      functions.sumRows(address[name] as number, rows, numbers);
    },
  };
}
