import type { BestRq } from "../bestrq";
import { lateProgress } from "../figures";
import { Random } from "../tensor";
import { FrameMap, type FrameMapFields } from "./frameMap";
import { type InputOptions, type MapInput, prepare } from "./input";
import { estimatedSquares, exactSquares, type SquaredNorms, type Tell } from "./jacobian";
import { checkLayers } from "./mixerMap";
import { type Part, type WorkingPart, workingPart } from "./parts";

/** How {@link influence} measures. */
export interface InfluenceOptions extends InputOptions {
  /** What is measured (default: the mixer alone). */
  readonly of?: Part;
  /** Counted from 0 (default 0). The encoder has no use for it. */
  readonly layer?: number;
  /** Default: exact where that takes less than some seconds. */
  readonly method?: "exact" | "estimate";
  /** Random projections of each group, at least 2 (default 8; 4 where groups have more than one frame, 2 where they are costly). */
  readonly projections?: number;
  /** Output frames that are estimated together (default: 1, or as many as make 128 groups of a longer input; from 32 on of a costly one). */
  readonly groupFrames?: number;
  /** Decides the projections (default 1). */
  readonly seed?: number;
}

/** How much each output frame depends on each input frame. */
export class InfluenceMap extends FrameMap {
  constructor(
    fields: FrameMapFields,
    /** How it was measured. */
    readonly method: "exact" | "estimate",
    /** Standard error of the map by the size of the map, both in root mean square; 0 where it is exact. */
    readonly relativeError: number,
    /** Output frames that share a row: their influences are averaged, in root mean square. */
    readonly groupFrames: number,
  ) {
    super(fields);
  }
}

/** Floating-point operations that an exact map may take. */
const exactOperations = 3e10;
/** And an estimate: a minute or two on two cores. */
const estimateOperations = 6e12;
/** Rows of an estimate of a long input. */
const [leastGroups, mostGroups] = [32, 128];

/**
 * The influence of input frame j on output frame i: ‖∂ output_i / ∂ input_j‖, the Frobenius norm of a D × D matrix of
 * derivatives. One measure for all mixers, whatever their mechanism; of a mixer, a block or the whole encoder, at this
 * utterance.
 *
 * Exact for short inputs, by one vector-Jacobian product for each feature of each output frame. Estimated for others, by
 * seeded random projections: the squared norms are without bias, and the map tells its error. Of a long input, groups
 * of output frames are estimated together, and share the row that is their mean.
 *
 * @throws RangeError where the model has no such layer, or a number is not whole and large enough
 * @example
 * const model = new BestRq({ mixer: "fastformer", size: "tiny" });
 * const map = await maps.influence(model, new Random(1).normal([28, 80], 0, 1) as tf.Tensor2D, { layer: 1 });
 * map.method; // "exact"
 * map.panels[0].shape; // [7, 7]
 * map
 */
export function influence(model: BestRq, input: MapInput, options: InfluenceOptions = {}): Promise<InfluenceMap> {
  return measure(model, input, options, progressOf(1)(0));
}

/** One progress bar for so many maps; what tells how far each of them is. */
export function progressOf(maps: number): (map: number) => Tell {
  const tell = lateProgress("Measuring influence", maps);
  return (map) => (share) => tell(Number((map + share).toFixed(1)));
}

/** {@link influence}, telling how far it is. */
export async function measure(
  model: BestRq,
  input: MapInput,
  options: InfluenceOptions,
  tell: Tell,
): Promise<InfluenceMap> {
  const { of = "mixer", layer = 0, seed = 1 } = options;
  checkLayers(model, [layer]);
  const prepared = await prepare(model, input, options);
  let part: WorkingPart | undefined;
  try {
    const { frames } = prepared;
    part = await workingPart(model, of, layer, prepared);
    const operationsEach = 3 * part.flops; // forward, and twice that backward
    const payable = estimateOperations / operationsEach; // products
    const few = payable < 4 * mostGroups ? 2 : 4;
    const groups = Math.min(mostGroups, Math.max(leastGroups, Math.round(payable / (options.projections ?? few))));
    const { groupFrames = Math.ceil(frames / groups) } = options;
    const { projections = groupFrames > 1 ? few : 8 } = options;
    checkCount("groupFrames", groupFrames, 1);
    checkCount("projections", projections, 2);
    const operations = operationsEach * part.input.values.length;
    const method = options.method ?? (operations <= exactOperations ? "exact" : "estimate");
    const place = of === "encoder" ? "the encoder" : `${of === "mixer" ? "the mixer" : "the block"} of layer ${layer}`;
    const title = `${model.config.mixer}: influence through ${place}`;
    const random = new Random(seed).fork("influence");
    const norms =
      method === "exact"
        ? await exactSquares(part, tell)
        : await estimatedSquares(part, { groupFrames, each: projections, random, tell });
    const rows = method === "exact" ? 1 : groupFrames;
    const relativeError = method === "exact" ? 0 : errorOf(norms);
    const told = `${title}, estimated ± ${(100 * relativeError).toFixed(1)} %`;
    const values = Float32Array.from(norms.squares, Math.sqrt);
    const fields: FrameMapFields = {
      title: method === "exact" ? title : told,
      panels: [{ name: "influence", shape: [frames, frames], values: async () => spread(values, frames, rows) }],
      frameSeconds: prepared.frameSeconds,
      colourLabel: "‖∂ output / ∂ input‖",
      along: prepared.along,
    };
    return new InfluenceMap(fields, method, relativeError, rows);
  } finally {
    part?.dispose();
    prepared.dispose();
  }
}

/** The error of a norm is that of its square by twice the norm. */
function errorOf({ squares, variances }: SquaredNorms): number {
  let [error, size] = [0, 0];
  for (let i = 0; i < squares.length; i++) {
    if (squares[i] > 0) error += variances[i] / (4 * squares[i]);
    size += squares[i];
  }
  return size > 0 ? Math.sqrt(error / size) : 0;
}

/** [groups, T] → [T, T]: the frames of a group share its row. */
function spread(groups: Float32Array, frames: number, groupFrames: number): Float32Array {
  if (groupFrames === 1) return groups.slice();
  const values = new Float32Array(frames * frames);
  for (let i = 0; i < frames; i++) {
    const from = Math.floor(i / groupFrames) * frames;
    values.set(groups.subarray(from, from + frames), i * frames);
  }
  return values;
}

function checkCount(name: string, count: number, least: number): void {
  if (Number.isInteger(count) && count >= least) return;
  throw new RangeError(`Cannot measure influence: ${name} must be a whole number from ${least}, got ${count}`);
}
