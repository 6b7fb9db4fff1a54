// Every op of the comparison suite on shapes alone: the shapes and types that plain JavaScript gives.
import { tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { useBackend } from "../backends";
import { ops } from "../ops";

const types = ["float32", "int32", "bool"] as const;
type Outcome = { dtype: string; shape: number[] }[] | Error;

function outcome(op: string, type: (typeof types)[number]): Outcome {
  try {
    const make = (...shape: number[]) => tf.cast(tf.ones(shape), type);
    return tf.tidy(() => [ops[op](make)].flat().map(({ dtype, shape }) => ({ dtype, shape })) as never);
  } catch (error) {
    return error as Error;
  }
}

/** Where plain JavaScript gives another type than the backends that a plan is for. */
const exceptions = ["floorDiv float32", "unsortedSegmentSum int32", "conv2dTranspose int32"];
const needsValues = /^(unique|nonMaxSuppression)/;

describe("the kernels of plan", () => {
  const cases = Object.keys(ops)
    .flatMap((op) => types.map((type) => [op, type] as const))
    .filter(([op, type]) => !exceptions.includes(`${op} ${type}`));
  const wanted = new Map<string, Outcome>();
  beforeAll(async () => {
    await useBackend("cpu");
    for (const [op, type] of cases) wanted.set(`${op} ${type}`, outcome(op, type));
    await tf.setBackend("plan");
  });

  test.each(cases)("%s of %s", (op, type) => {
    const [expected, planned] = [wanted.get(`${op} ${type}`), outcome(op, type)];
    if (expected instanceof Error) return;
    if (needsValues.test(op)) {
      expect(String(planned)).toMatch(/^Error: Cannot plan \w+: the shape of what it gives depends on values/);
      return;
    }
    if (planned instanceof Error) expect(`${op}: ${planned.stack}`).toBe("");
    expect(planned).toEqual(expected);
  });
});

test("a product whose inner sizes differ is refused, as by the backends that compute", async () => {
  await tf.setBackend("plan");
  const product = () => tf.tidy(() => tf.matMul(tf.ones([3, 5]), tf.ones([3, 7]), false, false));
  expect(product).toThrow("inner sizes must be equal, got 5 and 3 of shapes [3,5] and [3,7]");
  expect(tf.tidy(() => tf.matMul(tf.ones([3, 5]), tf.ones([3, 7]), true).shape)).toEqual([5, 7]);
});
