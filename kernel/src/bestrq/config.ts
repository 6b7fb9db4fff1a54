// What a model is, as one plain object; the paper's models by name.
import type { MambaOptions } from "../mixers";
import type { ActivationName } from "../nn";
import { type MixerName, mixerNames, type SummaryMixingForm } from "./mixers";
import { paperSwitches, rightSwitches, type Switches } from "./switches";

/** Sizes and switches of a {@link BestRq} model. */
export interface BestRqConfig extends Switches {
  /** What stands in the place of self-attention. */
  readonly mixer: MixerName;
  /** D, the width of the encoder. */
  readonly width: number;
  /** Conformer blocks. */
  readonly layers: number;
  /** Heads of the mixer; Mamba has none and ignores it. */
  readonly heads: number;
  /** Width inside the feed-forward networks, and hidden size of HyperMixing (paper: 2048). */
  readonly feedForward: number;
  /** Frames that the depthwise convolution sees (paper: 31). */
  readonly kernel: number;
  /** Activation in the conformer blocks (paper: Swish; its configuration says GELU, which its code does not use). */
  readonly activation: ActivationName;
  /** Mel bands of the features (paper: 80). */
  readonly mels: number;
  /** Channels of the front end's two convolutions (paper: 128, 32). */
  readonly channels: readonly number[];
  /** Entries of the codebook (paper: 8192). */
  readonly codes: number;
  /** Width of a code (paper: 16). */
  readonly codeWidth: number;
  /** Share of feature frames that begin a masked block (paper: 0.15). */
  readonly maskProbability: number;
  /** Share of activations dropped while training (paper: 0.1). */
  readonly dropout: number;
  /** Share of conformer blocks skipped while training (paper: 0.05 base, 0.1 large). */
  readonly layerDrop: number;
  /** Form and widths of SummaryMixing (paper: 512, 512, 1024, whatever its configuration files say). */
  readonly summaryMixing: {
    /** Default: `paper`. See {@link SummaryMixingForm}. */
    readonly form?: SummaryMixingForm;
    readonly localHidden: number;
    readonly local: number;
    readonly summaryHidden: number;
    /** Its activation (default: the blocks'). */
    readonly activation?: ActivationName;
  };
  /** Sizes and directions of Mamba (paper: the defaults of {@link MambaOptions}). */
  readonly mamba?: Omit<MambaOptions, "width" | "leakPadding">;
}

const paperSizes = {
  feedForward: 2048,
  kernel: 31,
  activation: "swish",
  mels: 80,
  channels: [128, 32],
  codes: 8192,
  codeWidth: 16,
  maskProbability: 0.15,
  dropout: 0.1,
  layerDrop: 0.05,
  summaryMixing: { localHidden: 512, local: 512, summaryHidden: 1024 },
} as const;

const tinySizes = {
  ...paperSizes,
  feedForward: 128,
  kernel: 15,
  channels: [16, 8],
  codes: 256,
  dropout: 0,
  layerDrop: 0,
  summaryMixing: { localHidden: 64, local: 64, summaryHidden: 128 },
} as const;

/** Width, layers and heads of each mixer: widths differ so that all models of a size have about as many parameters. */
const shapes = {
  tiny: {
    mhsa: { width: 72, layers: 2, heads: 4 },
    hypermixing: { width: 88, layers: 2, heads: 4 },
    fastformer: { width: 80, layers: 2, heads: 4 },
    summarymixing: { width: 66, layers: 2, heads: 1 },
    mamba: { width: 54, layers: 2, heads: 1 },
  },
  base: {
    mhsa: { width: 576, layers: 12, heads: 8 },
    hypermixing: { width: 672, layers: 12, heads: 8 },
    fastformer: { width: 616, layers: 12, heads: 8 },
    summarymixing: { width: 536, layers: 12, heads: 1 },
    mamba: { width: 474, layers: 12, heads: 1 },
  },
  large: {
    mhsa: { width: 848, layers: 24, heads: 8 },
    hypermixing: { width: 1048, layers: 24, heads: 8 },
    fastformer: { width: 920, layers: 24, heads: 8 },
    summarymixing: { width: 848, layers: 24, heads: 1 },
    mamba: { width: 678, layers: 24, heads: 1 },
  },
} as const;

/** `tiny` trains in seconds on a laptop; `base` and `large` are the paper's 95 and 315 million parameters. */
export type Size = keyof typeof shapes;
export const sizes = Object.keys(shapes) as Size[];

/**
 * Where the paper's authors trained a second model of a size; which of the two their tables report is not known.
 * `large-wide`: Fastformer in 12 wide layers, masked less. `base-8-heads`, `large-8-heads`: SummaryMixing split.
 */
const variants = {
  "large-wide": {
    of: "large",
    fastformer: { width: 1472, layers: 12, heads: 32, maskProbability: 0.1, dropout: 0.2 },
  },
  "base-8-heads": { of: "base", summarymixing: { width: 632, layers: 12, heads: 8 } },
  "large-8-heads": { of: "large", summarymixing: { width: 976, layers: 24, heads: 8 } },
} as const;

/** A second model that the authors trained in a size, with one mixer alone. */
export type Variant = keyof typeof variants;

/** A named size with changes: what {@link BestRq} is made from. */
export type BestRqOptions = {
  readonly mixer: MixerName;
  /** Default: `base`. */
  readonly size?: Size | Variant;
  /** The authors' code with all its slips: every one of {@link Switches} as they had it, unless it is given too. */
  readonly paper?: boolean;
} & Partial<BestRqConfig>;

/**
 * The whole configuration of a size, with changes.
 * @throws RangeError where the mixer or the size is not known, or the mixer has no such size
 */
export function configure({ mixer, size = "base", paper = false, ...changes }: BestRqOptions): BestRqConfig {
  known("mixer", mixer, mixerNames);
  const own = Object.entries(variants).filter(([, variant]) => mixer in variant);
  known("size", size, [...sizes, ...own.map(([name]) => name)]);
  const variant: { of: Size; [shape: string]: unknown } | undefined = own.find(([name]) => name === size)?.[1];
  const named = variant?.of ?? (size as Size);
  const common = named === "tiny" ? tinySizes : { ...paperSizes, layerDrop: named === "large" ? 0.1 : 0.05 };
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const switches = paper ? paperSwitches : rightSwitches;
  return { mixer, ...common, ...switches, ...shapes[named][mixer], ...(variant?.[mixer] as object), ...given };
}

function known(what: string, name: string, names: readonly string[]): void {
  if (!names.includes(name)) {
    throw new RangeError(`Cannot build a model with ${what} "${name}": it must be one of ${names.join(", ")}`);
  }
}
