// What is particular to attention: it is computed a block of frames at a time.
import { mhsa } from "bestrq/mixers";
import { initialise, parameterEntries } from "bestrq/nn";
import { memory } from "bestrq/profile";
import { backend, observe, Random, tf } from "bestrq/tensor";
import { beforeAll, expect, test } from "vitest";
import { batchOf } from "../batch";
import { expectClose } from "../reference";

const [width, heads, frames] = [14, 2, 523]; // two blocks and a part of one
const attention = mhsa({ width, heads });

beforeAll(() => backend.use("auto"));

/** Output and gradients of all parameters for two utterances, the second one padded, seeded. */
function pass(): tf.Tensor[] {
  return tf.tidy(() => {
    const random = new Random(7);
    const parameters = initialise(attention.spec, random.fork("parameters"));
    const x = random.normal([2, frames, width], 0, 1) as tf.Tensor3D;
    const towards = random.normal([2, frames, width], 0, 1);
    const variables = parameterEntries(parameters).map(([, variable]) => variable);
    const output = () => attention.apply(parameters, x, batchOf([frames, 389], frames));
    const { grads } = tf.variableGrads(() => output().mul(towards).sum().asScalar(), variables);
    const results = [output(), ...variables.map(({ name }) => grads[name])];
    tf.dispose(variables);
    return results;
  });
}

test("blocks of frames give what all frames at once give, gradients included", () => {
  const shapes: number[][] = [];
  const whole = observe({ tap: (_, { shape }) => void shapes.push(shape) }, pass);
  expect(shapes).toEqual([[2, heads, frames, frames], [2, heads, frames, frames]]); // biome-ignore format: one line
  const blocks = pass();
  for (const [index, tensor] of blocks.entries()) expectClose(tensor, whole[index], 1e-5, String(index));
  tf.dispose([whole, blocks]);
});

test("holds no table of all pairs of frames where no gradient is wanted", async () => {
  const parameters = initialise(attention.spec, new Random(1));
  const long = 2 * frames;
  const x = new Random(2).normal([1, long, width], 0, 1) as tf.Tensor3D;
  const { events } = await memory(() =>
    tf.dispose(tf.tidy(() => attention.apply(parameters, x, batchOf([long], long)))),
  );
  const largest = Math.max(...events.map(({ shape }) => tf.util.sizeFromShape([...shape])));
  expect(largest).toBeLessThan((heads * long * long) / 2);
  const peak = Math.max(...events.map(({ liveBytes }) => liveBytes));
  expect(peak).toBeLessThan(4 * heads * long * long * 4);
  tf.dispose([x, ...parameterEntries(parameters).map(([, variable]) => variable)]);
});
