import { inspect } from "node:util";
import { BestRq, type BestRqConfig, type MixerName, type Size, type Variant } from "../../bestrq";
import { displaySymbol, type MimeBundle } from "../../figures";
import { faults } from "./check";
import { complete } from "./defaults";
import type {
  BatchFields,
  CheckpointFields,
  OptimizerFields,
  RecipeFields,
  RecipeOptions,
  ValidationFields,
} from "./fields";
import { recipeRules } from "./rules";
import { recipeTable } from "./table";

/**
 * Everything that decides a pre-training run, beside its audio: one object that is checked as it is made, shows itself
 * as the paper's table of hyperparameters would, and is stored with the run. `base` and `large` have the values of
 * Whetten et al. 2024 (arXiv:2409.02596) and of their code; `tiny` the same made small. Every field can be changed.
 *
 * @example
 * const recipe = new train.Recipe({ mixer: "fastformer", size: "tiny", steps: 60, optimizer: { learningRate: 1e-3 } });
 * recipe.optimizer.warmup; // 12: a fifth of the steps, where nothing else is given
 */
export class Recipe implements RecipeFields {
  readonly mixer: MixerName;
  readonly size: Size | Variant;
  readonly seed: number;
  readonly steps: number;
  readonly model: BestRqConfig;
  readonly batches: BatchFields;
  readonly accumulation: number;
  readonly normalisationEpochs: number;
  readonly optimizer: OptimizerFields;
  readonly validation: ValidationFields;
  readonly checkpoints: CheckpointFields;

  /**
   * @param options a mixer, a size, and what is to differ; also what JSON made of a recipe
   * @throws RangeError naming every field that is wrong or misspelt, with what it may be
   */
  constructor(options: RecipeOptions) {
    const all = complete(options);
    const wrong = faults(all, recipeRules);
    if (all.model.mixer !== all.mixer) {
      wrong.push(`model.mixer must be the recipe's, ${all.mixer}, got ${all.model.mixer}`);
    }
    if (wrong.length === 0 && all.batches.longest < all.batches.shortest) {
      wrong.push(
        `batches.longest must be at least batches.shortest, ${all.batches.shortest}, got ${all.batches.longest}`,
      );
    }
    if (wrong.length > 0) throw new RangeError(`Cannot make a recipe: ${wrong.join("\n  ")}`);
    BestRq.countParameters(all.model); // whether sizes fit one another, layers know themselves
    this.mixer = all.mixer;
    this.size = all.size;
    this.seed = all.seed;
    this.steps = all.steps;
    this.model = all.model;
    this.batches = all.batches;
    this.accumulation = all.accumulation;
    this.normalisationEpochs = all.normalisationEpochs;
    this.optimizer = all.optimizer;
    this.validation = all.validation;
    this.checkpoints = all.checkpoints;
  }

  toString(): string {
    const { mixer, size, steps, seed } = this;
    return `Recipe: ${mixer}, ${size}, ${steps} steps, seed ${seed}`;
  }

  /** As the result of a cell, a table of its values beside the paper's. */
  [displaySymbol](): MimeBundle | Promise<MimeBundle> {
    return recipeTable(this)[displaySymbol]();
  }

  /** In a terminal, the same table. */
  [inspect.custom](): string {
    return (recipeTable(this)[displaySymbol]() as { "text/plain": string })["text/plain"];
  }
}
