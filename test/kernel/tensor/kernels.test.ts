// Every kernel of a backend by way of TensorFlow.js's public ops, on seeded values of odd sizes and of each type, against
// plain JavaScript: the same types, shapes and values, or a refusal that says so.
import { Random, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { everyBackend, useBackend } from "./backends";
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

/** Runs an op, with its gradient where it has one, and gives the message of its refusal. */
function attempt(name: string, type: Type, see?: (x: tf.Tensor) => void): string | undefined {
  try {
    tf.tidy(() => {
      for (const x of [ops[name](maker(new Random(11), type))].flat()) see?.(x);
    });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What an op gives, or the message of its refusal. */
async function compute(name: string, type: Type): Promise<Result[] | string> {
  const results: Promise<Result>[] = [];
  const told = async (x: tf.Tensor) => ({ dtype: x.dtype, shape: x.shape, values: (await x.data()) as never });
  const refusal = attempt(name, type, (x) => void results.push(told(x)));
  return refusal ?? Promise.all(results);
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

/** What may differ on one backend. */
const exceptionsOf: Record<string, Record<string, string>> = {
  webgpu: {
    "avg pool pad 1, strides 2,3, dilations 1 float32": "0, not NaN, where a window lies in the padding",
    "max pool pad 1, strides 2,3, dilations 1 int32": "the smallest number, not 0, where a window lies in the padding",
    ...Object.fromEntries(types.map((type) => [`multinomial ${type}`, "other draws from the same seed"])),
  },
};

/** What each backend may refuse: TensorFlow some types other than float32, WebAssembly complex numbers. */
const refusals = {
  tensorflow: /^Cannot run \w+ on .*(it takes .* alone|Integers to negative integer powers|division by)/,
  wasm: /^Cannot run \w+ on complex64: plain JavaScript lacks it$/,
  webgpu: /^Cannot run \w+ on (.* it takes .* alone|what a GPU computes)/,
};

/** Kernels of plain JavaScript itself, on a ragged or sparse form or on text, for a canvas, and our own. */
const borrowed = /^(Ragged|Sparse|String|StaticRegex|BroadcastArgs|Draw|SelectiveScan|Dropout)/;
/** Kernels on complex numbers, which "wasm" cannot make, and one that no op calls. */
const unreachable = { tensorflow: /^$/, wasm: /^(Real|Imag|ComplexAbs|FFT|IFFT|LogicalXor)$/, webgpu: /^FromPixels$/ };

describe.each(everyBackend)("the kernels of %s", (name) => {
  const expected = new Map<string, Result[] | string>();
  const cases = Object.keys(ops)
    .flatMap((op) => types.map((type) => [op, type] as const))
    .filter(([op, type]) => !(`${op} ${type}` in { ...exceptions, ...exceptionsOf[name] }))
    .filter(([op, type]) => type === "float32" || !op.startsWith("gradient"));
  beforeAll(async () => {
    await useBackend("cpu");
    for (const [op, type] of cases) expected.set(`${op} ${type}`, await compute(op, type));
    await useBackend(name);
    if (name === "webgpu") tf.env().set("WEBGPU_CPU_FORWARD", false); // small tensors would be left to plain JavaScript
  });

  test.each(cases)("%s of %s", async (op, type) => {
    const wanted = expected.get(`${op} ${type}`)!;
    const got = await compute(op, type);
    if (typeof wanted === "string") return; // the backend may do more
    if (typeof got === "string") {
      if (!refusals[name].test(got) || (type === "float32" && name === "tensorflow")) throw new Error(got);
      return;
    }
    expect(got.map(({ dtype, shape }) => [dtype, shape])).toEqual(wanted.map(({ dtype, shape }) => [dtype, shape]));
    for (const [i, { values }] of got.entries()) expectClose(values, wanted[i].values);
  });

  test("are all reached by these ops", () => {
    const run = vi.spyOn(tf.engine(), "runKernel");
    for (const op of Object.keys(ops)) for (const type of types) attempt(op, type);
    const reached = new Set(run.mock.calls.map(([kernelName]) => kernelName));
    run.mockRestore();
    const registered = tf.getKernelsForBackend(name).map(({ kernelName }) => kernelName);
    const expected = registered.filter((kernel) => !borrowed.test(kernel) && !unreachable[name].test(kernel));
    expect(expected.filter((kernel) => !reached.has(kernel))).toEqual([]);
  });
});

function expectClose(got: ArrayLike<number>, wanted: ArrayLike<number>): void {
  const finite = Array.from(wanted, Math.abs).filter(Number.isFinite);
  const rounding = 1e-6 * finite.reduce((a, b) => Math.max(a, b), 0); // of the largest, which may cancel out elsewhere
  const near = (x: number, y: number) =>
    Object.is(x, y) || Math.abs(x - y) <= Math.max(rounding, 1e-4 * Math.max(1, Math.abs(y)));
  expect(got.length).toBe(wanted.length);
  const far = Array.from(wanted).findIndex((value, i) => !near(got[i], value));
  expect(far < 0 || `value ${far} is ${got[far]}, not ${wanted[far]}`).toBe(true);
}
