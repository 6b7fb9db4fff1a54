// Every kernel of a backend by way of TensorFlow.js's public ops, on seeded values of odd sizes and of each type, against
// plain JavaScript: the same types, shapes and values, or a refusal that says so.
import { Random, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { backends, useBackend } from "./backends";
import { ops } from "./ops";

const types = ["float32", "int32", "bool"] as const;
type Type = (typeof types)[number];
type Result = { dtype: string; shape: number[]; values: ArrayLike<number> };

/** Makes tensors of one type: whole numbers are small and never 0, so that they can be divided by. */
function maker(random: Random, type: Type) {
  return (...shape: number[]): tf.Tensor => {
    const x = random.uniform(shape, -3, 3);
    if (type === "float32") return x;
    if (type === "bool") return tf.greater(x, 0);
    return tf.cast(tf.where(tf.greater(x, 0), tf.add(x, 1), tf.sub(x, 1)), "int32");
  };
}

/** What an op gives, with its gradient where it has one, or the message of its refusal. */
function compute(name: string, type: Type): Result[] | string {
  try {
    return tf.tidy(() => {
      const outputs = [ops[name](maker(new Random(11), type))].flat();
      return outputs.map((x) => ({ dtype: x.dtype, shape: x.shape, values: x.dataSync() })) as never;
    }) as unknown as Result[];
  } catch (error) {
    return (error as Error).message;
  }
}

/** Where plain JavaScript is wrong, or another type comes out elsewhere too. */
const exceptions: Record<string, string> = {
  "floorDiv float32": "int32 in plain JavaScript and on WebGL, float32 elsewhere",
  "clipByValue bool": "not clipped in plain JavaScript",
  "unsortedSegmentSum int32": "float32 in plain JavaScript",
  "conv2dTranspose int32": "float32 in plain JavaScript",
  "gradient of resizeNearestNeighbor, aligned false float32": "plain JavaScript mixes up the images of a batch",
  "gradient of resizeNearestNeighbor, aligned true float32": "plain JavaScript mixes up the images of a batch",
};

/** What each backend may refuse: TensorFlow some types other than float32, WebAssembly complex numbers. */
const refusals = {
  tensorflow: /^Cannot run \w+ on .*(it takes .* alone|Integers to negative integer powers|division by)/,
  wasm: /^Cannot run \w+ on complex64: plain JavaScript lacks it$/,
};

/** Kernels of plain JavaScript itself, on a ragged or sparse form or on text, for a canvas, and our own. */
const borrowed = /^(Ragged|Sparse|String|StaticRegex|BroadcastArgs|Draw|SelectiveScan)/;
/** Kernels on complex numbers, which "wasm" cannot make, and one that no op calls. */
const unreachable = { tensorflow: /^$/, wasm: /^(Real|Imag|ComplexAbs|FFT|IFFT|LogicalXor)$/ };

describe.each(backends)("the kernels of %s", (name) => {
  const expected = new Map<string, Result[] | string>();
  const cases = Object.keys(ops)
    .flatMap((op) => types.map((type) => [op, type] as const))
    .filter(([op, type]) => !(`${op} ${type}` in exceptions) && (type === "float32" || !op.startsWith("gradient")));
  beforeAll(async () => {
    await useBackend("cpu");
    for (const [op, type] of cases) expected.set(`${op} ${type}`, compute(op, type));
    await useBackend(name);
  });

  test.each(cases)("%s of %s", (op, type) => {
    const wanted = expected.get(`${op} ${type}`)!;
    const got = compute(op, type);
    if (typeof wanted === "string") return; // the backend may do more
    if (typeof got === "string") {
      if (type === "float32" && name === "tensorflow") throw new Error(got);
      expect(got).toMatch(refusals[name]);
      return;
    }
    expect(got.map(({ dtype, shape }) => [dtype, shape])).toEqual(wanted.map(({ dtype, shape }) => [dtype, shape]));
    for (const [i, { values }] of got.entries()) expectClose(values, wanted[i].values);
  });

  test("are all reached by these ops", () => {
    const run = vi.spyOn(tf.engine(), "runKernel");
    for (const op of Object.keys(ops)) for (const type of types) compute(op, type);
    const reached = new Set(run.mock.calls.map(([kernelName]) => kernelName));
    run.mockRestore();
    const registered = tf.getKernelsForBackend(name).map(({ kernelName }) => kernelName);
    const expected = registered.filter((kernel) => !borrowed.test(kernel) && !unreachable[name].test(kernel));
    expect(expected.filter((kernel) => !reached.has(kernel))).toEqual([]);
  });
});

function expectClose(got: ArrayLike<number>, wanted: ArrayLike<number>): void {
  const near = (x: number, y: number) => Object.is(x, y) || Math.abs(x - y) <= 1e-4 * Math.max(1, Math.abs(y));
  expect(got.length).toBe(wanted.length);
  const far = Array.from(wanted).findIndex((value, i) => !near(got[i], value));
  expect(far < 0 || `value ${far} is ${got[far]}, not ${wanted[far]}`).toBe(true);
}
