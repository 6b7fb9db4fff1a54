import { BestRq, mixerNames } from "bestrq/bestrq";
import { displaySymbol } from "bestrq/figures";
import { Recipe, type RecipeOptions } from "bestrq/train";
import { recipeRules } from "bestrq/train/recipe/rules";
import { describe, expect, test } from "vitest";

/** A wrong value for each field, and what the error says that it may be. */
const wrong: readonly [path: string, value: unknown, rule: string][] = [
  ["seed", -1, "a whole number from 0, got -1"],
  ["steps", 0.5, "a whole number from 1, got 0.5"],
  ["accumulation", "2", 'a whole number from 1, got "2"'],
  ["normalisationEpochs", 0, "a whole number from 1, got 0"],
  ["batches.seconds", 0, "a number above 0, got 0"],
  ["batches.buckets", 1.5, "a whole number from 1, got 1.5"],
  ["batches.shortest", 0.01, "a number from 0.1, in seconds, got 0.01"],
  ["batches.longest", Number.POSITIVE_INFINITY, "a number above 0, got null"],
  ["optimizer.learningRate", "fast", 'a number above 0, got "fast"'],
  ["optimizer.warmup", 0, "a whole number from 1, got 0"],
  ["optimizer.beta1", 1, "a number from 0 to below 1, got 1"],
  ["optimizer.beta2", -0.1, "a number from 0 to below 1, got -0.1"],
  ["optimizer.epsilon", 0, "a number above 0, got 0"],
  ["optimizer.weightDecay", -1, "a number from 0, got -1"],
  ["optimizer.clip", Number.NaN, "a number above 0, got null"],
  ["validation.every", 1.5, "a whole number from 0, got 1.5"],
  ["validation.share", 1, "a number from 0 to below 1, got 1"],
  ["checkpoints.every", -1, "a whole number from 0, got -1"],
  ["checkpoints.keep", 0, "a whole number from 1, got 0"],
  ["model.mixer", "mhsb", 'one of mhsa, hypermixing, fastformer, summarymixing, mamba, got "mhsb"'],
  ["model.width", 0, "a whole number from 1, got 0"],
  ["model.layers", 0, "a whole number from 1, got 0"],
  ["model.heads", 0, "a whole number from 1, got 0"],
  ["model.feedForward", null, "a whole number from 1, got null"],
  ["model.kernel", 4, "an odd whole number above 0, got 4"],
  ["model.activation", "relu", 'one of swish, gelu, got "relu"'],
  ["model.mels", 0, "a whole number from 1, got 0"],
  ["model.channels", [1, 2, 3], "two whole numbers above 0, got [1,2,3]"],
  ["model.codes", 0, "a whole number from 1, got 0"],
  ["model.codeWidth", 0, "a whole number from 1, got 0"],
  ["model.maskProbability", 0.3, "above 0, and at most 0.25, which masks everything, got 0.3"],
  ["model.dropout", 1, "a number from 0 to below 1, got 1"],
  ["model.layerDrop", 1, "a number from 0 to below 1, got 1"],
  ["model.summaryMixing.form", "slow", 'one of paper, current, fast, lite, got "slow"'],
  ["model.summaryMixing.localHidden", 0, "a whole number from 1, got 0"],
  ["model.summaryMixing.local", 0, "a whole number from 1, got 0"],
  ["model.summaryMixing.summaryHidden", 0, "a whole number from 1, got 0"],
  ["model.summaryMixing.activation", "relu", 'one of swish, gelu, got "relu"'],
  ["model.mamba.states", 0, "a whole number from 1, got 0"],
  ["model.mamba.kernel", 0, "a whole number from 1, got 0"],
  ["model.mamba.expand", 0, "a whole number from 1, got 0"],
  ["model.mamba.stepRank", 0, "a whole number from 1, got 0"],
  ["model.mamba.bidirectional", 1, "true or false, got 1"],
  ["model.quantizerNorm", "both", 'one of code, time, got "both"'],
  ["model.leakPadding", 0, "true or false, got 0"],
  ["model.symmetricPositions", "no", 'true or false, got "no"'],
  ["model.leftPadding", 1, "true or false, got 1"],
  ["model.finitePositions", 1, "true or false, got 1"],
  ["model.initialisation", "zeros", 'one of native, paper, got "zeros"'],
];

/** `a.b`, 1 → { a: { b: 1 } } */
const nested = (path: string, value: unknown): object =>
  path.split(".").reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as object;

const make = (changes: object) => new Recipe({ mixer: "mamba", size: "tiny", ...changes } as RecipeOptions);

test.each(wrong)("a wrong %s (%j) is named with what it may be", (path, value, rule) => {
  expect(() => make(nested(path, value))).toThrow(`Cannot make a recipe: ${path} must be ${rule}`);
});

test("every field of a recipe is among those above", () => {
  const paths = (rules: object, path = ""): string[] =>
    Object.entries(rules).flatMap(([name, rule]) => {
      const at = path ? `${path}.${name}` : name;
      if ("must" in rule) return [at];
      return paths("rules" in rule ? rule.rules : rule, at);
    });
  const tried = ["mixer", "size", ...wrong.map(([path]) => path)];
  expect(paths(recipeRules).sort()).toEqual(tried.sort());
});

test("a mixer or size that is not known is named with those that are", () => {
  expect(() => make({ mixer: "mhsb" })).toThrow('mixer "mhsb": it must be one of mhsa, ');
  expect(() => make({ size: "huge" })).toThrow('size "huge": it must be one of tiny, base, large');
});

test("all faults are told at once; a misspelt field is told what may be meant", () => {
  const faults = { optimiser: {}, batches: { secnds: 3 }, steps: -1 };
  expect(() => make(faults)).toThrow(
    /optimiser is not known: optimizer may be meant.*\n.*steps must be .*\n.*batches.secnds is not known: batches.seconds may be meant/s,
  );
  expect(() => make({ batches: 3 })).toThrow(
    "batches must be an object with seconds, buckets, shortest, longest, got 3",
  );
});

test("fields must fit one another", () => {
  expect(() => make({ batches: { shortest: 5, longest: 4 } })).toThrow("batches.longest must be at least");
  expect(() => make({ model: { mixer: "mhsa" } })).toThrow("model.mixer must be the recipe's, mamba, got mhsa");
  expect(() => make({ mixer: "mhsa", model: { width: 10, heads: 3 } })).toThrow("heads");
});

describe.each(mixerNames)("of %s", (mixer) => {
  test.each(["tiny", "base", "large"] as const)("%s is a recipe, and survives JSON", (size) => {
    const recipe = new Recipe({ mixer, size });
    expect(new Recipe(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
    expect({ ...new Recipe({ ...recipe, steps: 17 }) }).toEqual({ ...recipe, steps: 17 });
    const millions = BestRq.countParameters(recipe.model) / 1e6;
    if (size !== "tiny")
      expect(Math.abs(millions - (size === "base" ? 94.2 : 314))).toBeLessThan(size === "base" ? 0.5 : 2);
    const { optimizer, batches, accumulation, normalisationEpochs } = recipe;
    expect(optimizer).toMatchObject({ beta1: 0.9, beta2: 0.98, weightDecay: 0.01, clip: 10 });
    if (size === "tiny") return;
    expect(optimizer).toMatchObject({ learningRate: 8e-4, warmup: 25_000 });
    expect([batches.seconds * accumulation, batches.buckets, normalisationEpochs]).toEqual([6400, 150, 4]);
  });
});

test("what the authors did for single models is in their recipes", () => {
  expect(new Recipe({ mixer: "fastformer" }).model).toMatchObject({ maskProbability: 0.05, dropout: 0.2 });
  expect(new Recipe({ mixer: "fastformer", size: "large" }).model.maskProbability).toBe(0.1);
  expect(new Recipe({ mixer: "mamba", size: "large" }).seed).toBe(84);
  expect(new Recipe({ mixer: "mamba" }).seed).toBe(1000);
});

test("the warm-up of tiny is a fifth of the steps, unless it is given", () => {
  expect(make({ steps: 60 }).optimizer.warmup).toBe(12);
  expect(make({ steps: 60, optimizer: { warmup: 7 } }).optimizer.warmup).toBe(7);
});

test("it shows itself as a table, the paper's values beside its own", () => {
  const shown = make({ optimizer: { learningRate: 1e-3 } })[displaySymbol]() as Record<string, string>;
  expect(shown["text/plain"]).toMatch(
    /Learning rate +0\.001, Noam, warm-up 200 steps +0\.0008, Noam, warm-up 25,000 steps/,
  );
  expect(shown["text/plain"]).toMatch(/Mixer +mamba +the same/);
});
