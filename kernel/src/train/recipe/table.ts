// A recipe as the paper's table of hyperparameters would have it.
import { BestRq } from "../../bestrq";
import { type Figure, table } from "../../figures";
import { complete } from "./defaults";
import type { RecipeFields } from "./fields";

type Row = readonly [what: string, value: (recipe: RecipeFields) => string];

const rows: readonly Row[] = [
  ["Mixer", ({ mixer }) => mixer],
  ["Parameters", ({ model }) => `${(BestRq.countParameters(model) / 1e6).toFixed(2)} million`],
  ["Layers, width, heads", ({ model: { layers, width, heads } }) => `${layers}, ${width}, ${heads}`],
  ["Feed-forward width", ({ model }) => number(model.feedForward)],
  ["Convolution kernel", ({ model }) => `${model.kernel} frames`],
  ["Front-end channels", ({ model }) => model.channels.join(", ")],
  ["Features", ({ model }) => `${model.mels} log-mel filters every 10 ms`],
  ["Codebook", ({ model }) => `${number(model.codes)} codes of width ${model.codeWidth}`],
  [
    "Mask probability",
    ({ model }) => `${model.maskProbability} (of blocks of 40 ms: ${percent(4 * model.maskProbability)})`,
  ],
  ["Dropout, layer drop", ({ model }) => `${model.dropout}, ${model.layerDrop}`],
  ["Audio in a batch", ({ batches }) => `${number(batches.seconds)} s in ${batches.buckets} buckets of length`],
  ["Batches in a step", ({ accumulation }) => String(accumulation)],
  ["Audio in a step", ({ batches, accumulation }) => `${number(batches.seconds * accumulation)} s`],
  ["Utterances", ({ batches }) => `${batches.shortest} to ${batches.longest} s`],
  ["Normalisation", ({ normalisationEpochs }) => `global, learns for ${normalisationEpochs} epochs`],
  ["Optimizer", ({ optimizer: { beta1, beta2 } }) => `AdamW, betas ${beta1}, ${beta2}`],
  ["Weight decay", ({ optimizer }) => String(optimizer.weightDecay)],
  ["Learning rate", ({ optimizer }) => `${optimizer.learningRate}, Noam, warm-up ${number(optimizer.warmup)} steps`],
  ["Gradient clipping", ({ optimizer }) => `norm ${optimizer.clip}`],
  ["Steps", ({ steps }) => number(steps)],
  ["Seed", ({ seed }) => String(seed)],
];

/** Its values, and beside them the paper's: `tiny`'s beside `base`, where they differ from it. */
export function recipeTable(recipe: RecipeFields): Figure {
  const { mixer, size } = recipe;
  const named = complete({ mixer, size: size === "tiny" ? "base" : size });
  const paper = size === "tiny" ? "paper, base" : `paper, ${size}`;
  const lines = rows.map(([what, value]) => {
    const [ours, theirs] = [value(recipe), value(named)];
    return { hyperparameter: what, value: ours, [paper]: ours === theirs ? "the same" : theirs };
  });
  return table(lines, { title: `Pre-training of ${mixer}, ${size}` });
}

const number = (value: number) => value.toLocaleString("en-US");
const percent = (value: number) => `${Math.round(100 * value)} %`;
