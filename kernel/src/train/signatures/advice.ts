import type { RecipeFields } from "../recipe";
import { shown } from "./rule";
import type { SignatureName } from "./signature";

/** What the authors of the paper did, and what to try: two sentences, from their configuration files and scripts. */
type Advice = (recipe: RecipeFields) => string;

const advice: Record<SignatureName, Advice> = {
  "batch-too-large": ({ batches }) =>
    "On V100 cards the authors ran SummaryMixing on batches of 200 s rather than 400 s. " +
    `Try batches.seconds below ${shown(batches.seconds)} and as much more accumulation, or a shorter batches.longest.`,
  "code-collapse": () =>
    "The authors normalise features over the whole corpus, and put right later what their quantizer normalises over. " +
    'Try quantizerNorm "code", a look at the features for silence, and a lower learning rate.',
  divergence: (recipe) => `${careOf(recipe)} ${slower(recipe)}`,
  "gradient-growth": (recipe) =>
    `The authors clip at 10; this run clips at ${shown(recipe.optimizer.clip)}. ${slower(recipe)}`,
  "loss-spike": (recipe) => `${careOf(recipe)} ${slower(recipe)}`,
  "not-finite": (recipe) =>
    `${careOf(recipe)} Try the last checkpoint with a lower learning rate, and look for a recording that is not finite.`,
  "over-aggregation": () =>
    "Nothing is known of what the authors did about it. Try a higher learning rate, another seed or more heads.",
  "plateau-at-chance": ({ optimizer }) =>
    "The authors' file for the large Mamba says lr_initial: 0.0, with which nothing would be learnt. " +
    `Try a learning rate above ${shown(optimizer.learningRate)}, a shorter warm-up, and a look at the features.`,
};

/** What they changed for one mixer; else what they had for all. */
function careOf({ mixer, size, seed, model, optimizer }: RecipeFields): string {
  if (mixer === "fastformer" && (model.maskProbability > 0.1 || model.dropout < 0.2)) {
    return "The authors' final Fastformers mask less (0.05 base, 0.10 large) and drop out more (0.2) than the others.";
  }
  if (mixer === "mamba") {
    const luck = size === "large" && seed !== 84 ? ", and the large one with seed 84 rather than 1000" : "";
    return `The authors ran Mamba in fp16 rather than bf16${luck}.`;
  }
  return `The authors warm up to 8e-4 over 25,000 steps; this run to ${shown(optimizer.learningRate)} over ${optimizer.warmup}.`;
}

function slower({ optimizer: { learningRate, warmup } }: RecipeFields): string {
  return `Try a learning rate of ${shown(learningRate / 3)}, or a warm-up of ${2 * warmup} steps.`;
}

/** The line that is told: what was seen, what was done and is to be tried, the page. */
export const messageOf = (name: SignatureName, seen: string, recipe: RecipeFields): string =>
  `${seen}. ${advice[name](recipe)} See kernel/docs/signatures/${name}.md`;
