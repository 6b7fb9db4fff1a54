// What is measured: the paper's protocol (arXiv:2409.02596), and what goes beyond it.
import type { MixerName, Size } from "../../bestrq";

/**
 * `training forward`: the forward pass in training mode, with all that a backward pass would need, which does not follow.
 * `inference`: the forward pass alone.
 */
export type EfficiencyWork = "training forward" | "inference";

/** One point of a curve. */
export interface Point {
  readonly work: EfficiencyWork;
  readonly size: Size;
  readonly mixer: MixerName;
  /** Length of each utterance. */
  readonly seconds: number;
  readonly batch: number;
  /** Only planned: nobody waits for it to be measured. */
  readonly planned: boolean;
}

/** Which points. */
export interface Choice {
  readonly mixers: readonly MixerName[];
  readonly sizes: readonly Size[];
  readonly works: readonly EfficiencyWork[];
  /** Lengths of both works. */
  readonly seconds: readonly number[];
  /** Longer ones, of inference alone. */
  readonly beyond: readonly number[];
  /** Lengths that are planned, of both works. */
  readonly planned: readonly number[];
  /** Utterances at once in `training forward`; inference is of one. */
  readonly batch: number;
}

/** All points, in the order in which they tell most: all mixers, short inputs first, the small size before the large. */
export function pointsOf({ mixers, sizes, works, seconds, beyond, planned, batch }: Choice): Point[] {
  const lengths = [
    ...seconds.map((length) => ({ length, works, isPlanned: false })),
    ...beyond.map((length) => ({ length, works: works.filter((work) => work === "inference"), isPlanned: false })),
    ...planned.map((length) => ({ length, works, isPlanned: true })),
  ];
  return sizes.flatMap((size) =>
    lengths.flatMap(({ length, works, isPlanned }) =>
      works.flatMap((work) =>
        mixers.map((mixer): Point => {
          const utterances = work === "inference" ? 1 : batch;
          return { work, size, mixer, seconds: length, batch: utterances, planned: isPlanned };
        }),
      ),
    ),
  );
}

export const pointName = ({ work, size, mixer, seconds, batch }: Omit<Point, "planned">): string =>
  `${mixer}, ${size}, ${seconds} s × ${batch}, ${work}`;
