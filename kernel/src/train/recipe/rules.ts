// What every field of a recipe may be.
import { mixerNames } from "../../bestrq";
import { list, number, oneOf, optional, type Rules, text, whole, yesOrNo } from "./check";

const positive = number("a number above 0", (value) => value > 0 && value < Infinity);
const share = number("a number from 0 to below 1", (value) => value >= 0 && value < 1);
const count = whole(1);
const activation = oneOf("swish", "gelu");

/** Of the model: see `BestRqConfig`. */
const modelRules: Rules = {
  mixer: oneOf(...mixerNames),
  width: count,
  layers: count,
  heads: count,
  feedForward: count,
  kernel: number("an odd whole number above 0", (value) => value > 0 && value % 2 === 1),
  activation,
  mels: count,
  channels: list("two whole numbers above 0", (values) => values.length === 2 && values.every(count.holds)),
  codes: count,
  codeWidth: count,
  maskProbability: number("above 0, and at most 0.25, which masks everything", (value) => value > 0 && value <= 0.25),
  dropout: share,
  layerDrop: share,
  summaryMixing: {
    form: optional(oneOf("paper", "current", "fast", "lite")),
    localHidden: count,
    local: count,
    summaryHidden: count,
    activation: optional(activation),
  },
  mamba: optional({
    states: optional(count),
    kernel: optional(count),
    expand: optional(count),
    stepRank: optional(count),
    bidirectional: optional(yesOrNo),
  }),
  quantizerNorm: oneOf("code", "time"),
  leakPadding: yesOrNo,
  symmetricPositions: yesOrNo,
  leftPadding: yesOrNo,
  finitePositions: yesOrNo,
  initialisation: oneOf("native", "paper"),
};

/** Of a whole recipe. */
export const recipeRules: Rules = {
  mixer: oneOf(...mixerNames),
  size: text,
  seed: whole(0),
  steps: count,
  model: modelRules,
  batches: {
    seconds: positive,
    buckets: count,
    shortest: number("a number from 0.1, in seconds", (value) => value >= 0.1 && value < Infinity),
    longest: positive,
  },
  accumulation: count,
  normalisationEpochs: count,
  optimizer: {
    learningRate: positive,
    warmup: count,
    beta1: share,
    beta2: share,
    epsilon: positive,
    weightDecay: number("a number from 0", (value) => value >= 0 && value < Infinity),
    clip: positive,
  },
  validation: { every: whole(0), share },
  checkpoints: { every: whole(0), keep: count },
};
