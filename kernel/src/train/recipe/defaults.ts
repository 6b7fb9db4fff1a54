// The recipes by name: the paper's for `base` and `large`, the same made small for `tiny`.
import { configure, type MixerName, type Size, type Variant } from "../../bestrq";
import type { RecipeFields, RecipeOptions } from "./fields";

/** What `base` and `large` have in common, as the authors ran it on 8 GPUs. */
const paper = {
  seed: 1000,
  steps: 205_000,
  batches: { seconds: 400, buckets: 150, shortest: 2, longest: 60 },
  accumulation: 16,
  normalisationEpochs: 4,
  optimizer: {
    learningRate: 8e-4,
    warmup: 25_000,
    beta1: 0.9,
    beta2: 0.98,
    epsilon: 1e-8,
    weightDecay: 0.01,
    clip: 10,
  },
  validation: { every: 500, share: 0.01 },
  checkpoints: { every: 500, keep: 3 },
};

/** Minutes on a laptop, on an hour of speech or less. */
const tiny: typeof paper = {
  ...paper,
  steps: 1000,
  batches: { seconds: 24, buckets: 4, shortest: 0.3, longest: 60 },
  accumulation: 1,
  optimizer: { ...paper.optimizer, learningRate: 3e-3, warmup: 200 },
  validation: { every: 50, share: 0.1 },
  checkpoints: { every: 50, keep: 3 },
};

/**
 * Fastformer's special care: with the masks and the dropout of the others its loss went up again, and the authors' final
 * models mask less and drop more (`lower_mask_5`, `lg_lower_mask_10_wide`). `tiny` does without.
 */
function specialCare(mixer: MixerName, size: Size | Variant): { maskProbability?: number; dropout?: number } {
  if (mixer !== "fastformer" || size === "tiny") return {};
  return { maskProbability: size === "base" ? 0.05 : 0.1, dropout: 0.2 };
}

/** The recipe of a name, with changes that are not checked yet. */
export function complete({ mixer, size = "base", paper: slips, model, ...changes }: RecipeOptions): RecipeFields {
  const small = size === "tiny";
  const named = small ? tiny : { ...paper, seed: mixer === "mamba" && size === "large" ? 84 : paper.seed };
  const given = { ...specialCare(mixer, size), ...model };
  const config = configure({ ...(given as object), mixer, size, paper: slips });
  const merged = merge(named, changes) as typeof paper;
  const warmed = changes.optimizer?.warmup !== undefined || !small;
  const warmup = warmed ? merged.optimizer.warmup : Math.max(1, Math.round(merged.steps / 5));
  const summaryMixing = { ...configure({ mixer, size }).summaryMixing, ...model?.summaryMixing };
  return {
    mixer,
    size,
    ...merged,
    model: { ...config, mixer: given.mixer ?? mixer, summaryMixing },
    optimizer: { ...merged.optimizer, warmup },
  };
}

/** Changes over values, group by group. */
function merge(values: unknown, changes: unknown): unknown {
  const isGroup = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isGroup(values) || !isGroup(changes)) return changes === undefined ? values : changes;
  const names = new Set([...Object.keys(values as object), ...Object.keys(changes as object)]);
  const at = (group: unknown, name: string) => (group as Record<string, unknown>)[name];
  return Object.fromEntries([...names].map((name) => [name, merge(at(values, name), at(changes, name))]));
}
