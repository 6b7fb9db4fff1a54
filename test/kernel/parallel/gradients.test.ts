// Gradients of several processes become their sums, whatever the buckets.
import { alone, type Communicator, sumGradients } from "bestrq/parallel";
import { tf } from "bestrq/tensor";
import { expect, test } from "vitest";
import { everyBackend, useBackend } from "../tensor/backends";
import { inProcesses } from "./mpirun";

const shapes = [[], [5, 7], [0, 3], [2, 3, 11], [13], [1]];
const values = (shape: number[], factor: number) =>
  Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => factor * (index + 1));

/** As if `size` processes had the same gradients; keeps how many values came at once. */
function mirror(size: number): Communicator & { readonly sums: number[] } {
  const sums: number[] = [];
  return {
    ...alone,
    size,
    sums,
    async sum(array) {
      sums.push(array.length);
      for (let i = 0; i < array.length; i++) array[i] *= size;
    },
  };
}

test.each(everyBackend)("sumGradients() keeps shapes and order, and leaves no tensor, on %s", async (name) => {
  await useBackend(name);
  const before = tf.memory().numTensors;
  const bucketSizes: number[][] = [];
  for (const bucketBytes of [1, 4 * 40, 25e6]) {
    const mirrored = mirror(3);
    const gradients = shapes.map((shape) => tf.tensor(values(shape, 1), shape));
    const summed = await sumGradients(gradients, mirrored, { bucketBytes });
    expect(gradients.every(({ isDisposed }) => isDisposed)).toBe(true);
    expect(summed.map(({ shape }) => shape)).toEqual(shapes);
    for (const tensor of summed) expect([...(await tensor.data())]).toEqual(values(tensor.shape, 3));
    tf.dispose(summed);
    bucketSizes.push(mirrored.sums);
  }
  expect(bucketSizes).toEqual([[1, 35, 0, 66, 13, 1], [36, 66, 14], [116]]);
  expect(tf.memory().numTensors).toBe(before);
});

test("one process keeps its gradients", async () => {
  await useBackend("wasm");
  const gradients = [tf.tensor([1, 2])];
  expect(await sumGradients(gradients, alone)).toBe(gradients);
  tf.dispose(gradients);
});

test("sumGradients() throws what the communicator throws, and for a bucket of no bytes", async () => {
  await useBackend("wasm");
  const broken: Communicator = { ...alone, size: 2, sum: () => Promise.reject(new Error("gone")) };
  await expect(sumGradients([tf.zeros([9]), tf.zeros([9])], broken, { bucketBytes: 36 })).rejects.toThrow("gone");
  await expect(sumGradients([], broken, { bucketBytes: 0 })).rejects.toThrow(
    "Cannot sum gradients: bucketBytes must be above 0, got 0",
  );
});

test("sumGradients() sums those of three processes", async () => {
  const told = await inProcesses(
    3,
    `await backend.use("wasm");
    const values = ${values};
    const gradients = ${JSON.stringify(shapes)}.map((shape) => tf.tensor(values(shape, rank + 1), shape));
    const summed = await parallel.sumGradients(gradients, communicator, { bucketBytes: 200 });
    tell(summed.map((tensor) => [...tensor.dataSync()]));`,
  );
  expect(told).toEqual(Array(3).fill(shapes.map((shape) => values(shape, 6))));
});
