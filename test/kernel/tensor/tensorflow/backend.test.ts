// What the backend keeps of a tensor beside TensorFlow's own memory.
import { backend, tf } from "bestrq/tensor";
import { registerTensorFlow } from "bestrq/tensor/tensorflow";
import { beforeAll, expect, test } from "vitest";

beforeAll(() => backend.use("tensorflow"));

test("large values go to TensorFlow at once, so that they are not in memory twice; small ones when an op wants them", async () => {
  const binding = await registerTensorFlow();
  const before = binding.getNumOfTensors();
  const values = new Float32Array(20_011).fill(3);
  const [large, small] = [tf.tensor1d(values), tf.tensor1d(new Float32Array(7))];
  expect(binding.getNumOfTensors()).toBe(before + 1);
  values.fill(0); // the array is the caller's again
  expect([...large.dataSync()].every((value) => value === 3)).toBe(true);
  tf.dispose([large, small]);
  expect(binding.getNumOfTensors()).toBe(before);
});
