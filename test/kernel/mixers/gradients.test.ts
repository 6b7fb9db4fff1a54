// Gradients against central differences, at the sizes where an axis is easily mistaken or vanishes.
import {
  fastformer,
  hypermixing,
  mamba,
  mhsa,
  summarymixing,
  summarymixingFast,
  summarymixingLite,
} from "bestrq/mixers";
import { initialise, type Mixer, parameterEntries } from "bestrq/nn";
import { Random, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { batchOf } from "../batch";
import { everyBackend, useBackend } from "../tensor/backends";

/** Every mixer and form, at any width and number of heads. */
const mixers: Record<string, (width: number, heads: number) => unknown> = {
  mhsa: (width, heads) => mhsa({ width, heads }),
  "mhsa, symmetric": (width, heads) => mhsa({ width, heads, symmetricPositions: true }),
  hypermixing: (width, heads) => hypermixing({ width, heads, hidden: 2 * heads }),
  fastformer: (width, heads) => fastformer({ width, heads }),
  summarymixing: (width, heads) =>
    summarymixing({ width, heads, localHidden: 5 * heads, local: 3 * heads, summaryHidden: 2 * heads }),
  "summarymixing without norms": (width, heads) =>
    summarymixing({ width, heads, localHidden: heads, local: 3 * heads, summaryHidden: heads, norm: false }),
  "summarymixing-fast": (width) => summarymixingFast({ width, local: 5, activation: "gelu" }),
  "summarymixing-lite": (width, heads) => summarymixingLite({ width, heads, summaryHidden: 3 * heads }),
  mamba: (width) => mamba({ width, states: 3, kernel: 3 }),
  "mamba, one direction": (width) => mamba({ width, states: 1, expand: 3, bidirectional: false }),
  "mamba, leaking": (width) => mamba({ width, states: 2, leakPadding: true }),
};

const sizes = [
  { lengths: [1], frames: 1, width: 4, heads: 1 },
  { lengths: [7], frames: 7, width: 5, heads: 1 },
  { lengths: [11, 1, 2], frames: 11, width: 15, heads: 3 },
  { lengths: [1, 1], frames: 5, width: 14, heads: 7 },
];

/** In double precision. */
async function total(...tensors: tf.Tensor[]): Promise<number> {
  const values = await Promise.all(tensors.map((tensor) => tensor.data<"float32">()));
  return values.reduce((sum, each) => each.reduce((partial, value) => partial + value, sum), 0);
}

// Fourth-order central differences along one random direction of all values at once. In float32 their error is about
// 1e-7 · (sum of magnitudes) / step and step⁴; 0.01 of the gradient's length leaves room for both.
const [step, tolerance] = [0.02, 0.01];

describe.each(everyBackend)("on %s", (name) => {
  beforeAll(() => useBackend(name));

  describe.each(Object.entries(mixers))("%s", (_, make) => {
    test.each(sizes)(
      "has the gradient that differences give, $lengths of $frames frames, width $width, $heads heads",
      async ({ lengths, frames, width, heads }) => {
        const seed = 31;
        const random = new Random(seed);
        const mixer = make(width, heads) as Mixer;
        const parameters = initialise(mixer.spec, random);
        const input = tf.variable(random.normal([lengths.length, frames, width]));
        const variables = [input, ...parameterEntries(parameters).map(([, variable]) => variable)];
        for (const variable of variables.slice(1)) variable.assign(variable.add(random.normal(variable.shape, 0, 0.2)));
        const batch = batchOf(lengths, frames);
        const weights = random.normal(input.shape);
        const weighted = () => mixer.apply(parameters, input as unknown as tf.Tensor3D, batch).mul(weights);

        const { grads } = tf.variableGrads(() => weighted().sum() as tf.Scalar, variables);
        const directions = variables.map(({ shape }) => random.normal(shape));
        const begin = variables.map((variable) => variable.clone());
        const at = async (distance: number) => {
          variables.forEach((each, i) => void each.assign(begin[i].add(directions[i].mul(distance))));
          return total(weighted());
        };
        const near = (await at(step)) - (await at(-step));
        const far = (await at(2 * step)) - (await at(-2 * step));
        const slope = (8 * near - far) / (12 * step);

        const gradients = variables.map((variable) => grads[variable.name]);
        const along = await total(...gradients.map((each, i) => each.mul(directions[i])));
        const length = Math.sqrt(await total(...gradients.map((each) => each.square())));
        expect(Math.abs(slope - along) / length, `seed ${seed}, differences ${slope}, gradient ${along}`).toBeLessThan(
          tolerance,
        );
      },
    );
  });
});
