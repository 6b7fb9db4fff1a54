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
const atOnce = mhsa({ width, heads, blockFrames: frames });

beforeAll(() => backend.use("auto"));

/** Output and gradients of all parameters for two utterances, the second one padded, seeded. */
function pass(mixer: typeof attention): tf.Tensor[] {
  return tf.tidy(() => {
    const random = new Random(7);
    const parameters = initialise(mixer.spec, random.fork("parameters"));
    const x = random.normal([2, frames, width], 0, 1) as tf.Tensor3D;
    const towards = random.normal([2, frames, width], 0, 1);
    const variables = parameterEntries(parameters).map(([, variable]) => variable);
    const output = () => mixer.apply(parameters, x, batchOf([frames, 389], frames));
    const { grads } = tf.variableGrads(() => output().mul(towards).sum().asScalar(), variables);
    const results = [output(), ...variables.map(({ name }) => grads[name])];
    tf.dispose(variables);
    return results;
  });
}

test("blocks of frames give what all frames at once give, gradients included", async () => {
  const rows: number[] = [];
  const tap = (name: string, { shape }: tf.Tensor) => void (name === "attention" && rows.push(shape[2]!));
  const blocks = observe({ tap }, () => pass(attention));
  expect(rows).toEqual([256, 256, 11, 256, 256, 11]);
  const whole = pass(atOnce);
  for (const [index, tensor] of blocks.entries()) await expectClose(tensor, whole[index], 1e-5, String(index));
  tf.dispose([whole, blocks]);
});

test("holds no table of all pairs of frames where no gradient is wanted", async () => {
  const parameters = initialise(attention.spec, new Random(1));
  const long = 2 * frames;
  const x = new Random(2).normal([1, long, width], 0, 1) as tf.Tensor3D;
  const { events, peakBytes } = await memory(() =>
    tf.dispose(tf.tidy(() => attention.apply(parameters, x, batchOf([long], long)))),
  );
  const largest = Math.max(...Array.from(events, ({ shape }) => tf.util.sizeFromShape([...shape])));
  expect(largest).toBeLessThan((heads * long * long) / 2);
  expect(peakBytes).toBeLessThan(4 * heads * long * long * 4);
  tf.dispose([x, ...parameterEntries(parameters).map(([, variable]) => variable)]);
});
