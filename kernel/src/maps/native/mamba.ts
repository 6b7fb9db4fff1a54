import { channelAttention, hiddenAttention } from "../hiddenAttention";
import type { Native, Shown } from "./native";
import { type Plain, read } from "./plain";

const directions = ["forward", "backward"] as const;

/**
 * Hidden attention, the matrix that the scan unrolls to: its magnitude averaged over the channels, or one channel's with
 * its signs. Both directions together, the past below the diagonal and the future above it, and each by itself.
 */
export async function mambaMap(shown: Shown): Promise<Native> {
  const { own, tap, has, frames, channel } = shown;
  const present = directions.filter((name) => has(`${name}.step size`));
  const scans: Scans = {};
  for (const name of present) {
    const time = { axis: 0, reversed: name === "backward" };
    scans[name] = await read(() => ({
      delta: own(`${name}.step size`, time),
      A: tap(`${name}.decay`).clone(),
      B: own(`${name}.input map`, time),
      C: own(`${name}.output map`, time),
      skip: tap(`${name}.skip`).clone(),
    }));
  }
  const channels = tap("forward.skip").size;
  if (channel !== undefined && !(Number.isInteger(channel) && channel >= 0 && channel < channels)) {
    throw new RangeError(`Cannot map channel ${channel}: the scan has channels 0 to ${channels - 1}`);
  }

  let kept: Promise<Unrolled> | undefined; // one matrix for all panels: it takes long
  const unrolled = () => {
    kept ??= unroll(scans, frames, channel);
    return kept;
  };
  const panel = (name: string, values: (unrolled: Unrolled) => Float32Array) => ({
    name,
    shape: [frames, frames] as const,
    values: async () => values(await unrolled()),
  });
  const forward = panel("forward", ({ matrix, diagonals }) =>
    picked(matrix, frames, diagonals.forward, (i, j) => j < i),
  );
  const backward = panel("backward", ({ matrix, diagonals }) =>
    picked(matrix, frames, diagonals.backward, (i, j) => j > i),
  );
  const both = panel("both directions", ({ matrix }) => matrix.slice());
  const two = present.length === 2;
  const diverging = channel !== undefined;
  return {
    panels: two ? [both] : [forward],
    diverging,
    matrices: two
      ? { title: "hidden attention of each direction", panels: [forward, backward], colourLabel: "weight", diverging }
      : undefined,
    curves: {
      title: channel === undefined ? "step size, averaged over the channels" : `step size of channel ${channel}`,
      quantities: [
        {
          label: "step size Δ",
          series: present.map((name) => ({ name, values: stepSizes(scans[name] as Scan, frames, channel, name) })),
        },
      ],
    },
  };
}

type Scan = Record<"delta" | "A" | "B" | "C" | "skip", Plain>;
type Scans = { forward?: Scan; backward?: Scan };

/** Both directions in one matrix, for one fills it below and the other one above the diagonal, which they share. */
interface Unrolled {
  matrix: Float32Array;
  diagonals: { forward: Float32Array; backward: Float32Array };
}

async function unroll(scans: Scans, frames: number, channel: number | undefined): Promise<Unrolled> {
  const matrix = new Float32Array(frames * frames);
  const diagonals = { forward: new Float32Array(frames), backward: new Float32Array(frames) };
  for (const name of directions) {
    const scan = scans[name];
    if (!scan) continue;
    // The backward scan saw the frames in reverse.
    const at = (frame: number) => (name === "forward" ? frame : frames - 1 - frame);
    const arrays = {
      frames,
      channels: scan.skip.shape[0],
      states: scan.A.shape[1],
      ...{ delta: scan.delta.values, A: scan.A.values, B: scan.B.values, C: scan.C.values, skip: scan.skip.values },
    };
    const rows = channel === undefined ? hiddenAttention(arrays, name) : channelAttention(arrays, channel);
    let i = 0;
    for await (const row of rows) {
      for (let j = 0; j <= i; j++) matrix[at(i) * frames + at(j)] += row[j];
      diagonals[name][at(i)] = row[i];
      i++;
    }
  }
  return { matrix, diagonals };
}

/** One side of the matrix, and its own diagonal. */
function picked(
  matrix: Float32Array,
  frames: number,
  diagonal: Float32Array,
  isPart: (row: number, column: number) => boolean,
): Float32Array {
  return matrix.map((value, index) => {
    const [i, j] = [Math.floor(index / frames), index % frames];
    return i === j ? diagonal[i] : isPart(i, j) ? value : 0;
  });
}

/** Δ over time, of one channel or their mean. */
function stepSizes({ delta }: Scan, frames: number, channel: number | undefined, direction: string): Float32Array {
  const channels = delta.shape[1];
  const values = Float32Array.from({ length: frames }, (_, frame) => {
    const row = delta.values.subarray(frame * channels, (frame + 1) * channels);
    return channel === undefined ? row.reduce((sum, step) => sum + step, 0) / channels : row[channel];
  });
  return direction === "forward" ? values : values.reverse();
}
