// What is to be computed: sizes and addresses, which the caller writes in this order (job.ts) while nobody works.
// Layout (float32): sequences are [frames, groups, 4], for channels come in groups of four, the lanes of a SIMD vector;
// what belongs to the state is [groups, states, 4]; B and C are [frames, states]. States are even in number.

@unmanaged
class Job {
  /** 0: forward, 1: gradient, 2: dropout, of which only drop.as.ts knows more, 3: unroll. */
  task: u32;
  frames: usize;
  groups: usize;
  states: usize;
  x: usize;
  delta: usize;
  /** A / ln 2: decays are computed as powers of two. */
  A: usize;
  B: usize;
  C: usize;
  skip: usize;
  /** h before the first frame; of a forward job, afterwards, h of the last frame. */
  state: usize;
  y: usize;
  dy: usize;
  /** exp(delta A) dL/dh of the frame after the last; afterwards that of the first frame. */
  carry: usize;
  dx: usize;
  ddelta: usize;
  /** dA and dskip are added to. */
  dA: usize;
  dskip: usize;
  /** What each slice of channels gives to dB and dC: [slices, frames, states]. */
  dB: usize;
  dC: usize;
  /** Room for each thread, {@link roomBytes} of it. */
  room: usize;
  /** To unroll: where to begin, and how many rows. */
  firstFrame: usize;
  rows: usize;
}

export const job = changetype<Job>(256);

/** Groups of channels in a slice: what a thread takes at a time. */
export const sliceGroups: usize = 8;

/** Frames whose states are at hand while the gradient goes back through them; 8 kB of states stay close to the core. */
export const chunkFrames: usize = 16;

/**
 * Bytes that a thread needs for the gradient: states at the start of each chunk, and those of one chunk. To unroll, it
 * needs less: states for each frame, and three times those of one chunk.
 */
export function roomBytes(frames: usize, states: usize): usize {
  const chunks = (frames + chunkFrames - 1) / chunkFrames;
  return (chunks * sliceGroups * states + (4 * chunkFrames + 2) * states) << 4;
}
