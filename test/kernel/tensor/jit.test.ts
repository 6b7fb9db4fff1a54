import { jit, observe, Random, registerHostOp, tf } from "bestrq/tensor";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { handles, relativeError, useBackend } from "./backends";

beforeAll(() => useBackend("tensorflow"));
afterEach(() => tf.disposeVariables());

const counts = () => ({ tensors: tf.memory().numTensors, handles: handles() });
const functions = () => jit.statistics().functions;
const compilations = () => jit.statistics().compilations;

interface Weights {
  readonly weight: tf.Variable;
  readonly bias: tf.Variable;
}

/** Weights and an input of prime sizes, with values in TensorFlow's memory, where the first op would put them. */
function setUp(seed: number): { p: Weights; x: tf.Tensor2D } {
  const random = new Random(seed);
  const made = (shape: number[]) => tf.tidy(() => random.normal(shape).add(0));
  const [weight, bias] = [made([7, 5]), made([5])].map((value) => {
    const variable = tf.variable(value);
    value.dispose();
    return variable;
  });
  return { p: { weight, bias }, x: made([11, 7]) as tf.Tensor2D };
}

/** Several results of one input, one of which is that input itself. */
const layer = ({ weight, bias }: Weights, x: tf.Tensor2D) => {
  const y = tf.matMul(x, weight as tf.Tensor2D).add(bias);
  const padded = tf.pad(y, [[1, 2], [0, 0]] as [number, number][]); // biome-ignore format: one line
  return { y: tf.softmax(padded).mul(tf.ones([14, 5])), means: [y.mean(0), y.mean()], x, none: undefined };
};

describe.each([true, false])("jit() with xla = %s", (xla) => {
  test("gives the function's results, and leaves nothing behind in 100 calls", () => {
    const { p, x } = setUp(1);
    const fast = jit(layer, { xla });
    const before = counts();
    for (let call = 0; call < 100; call++)
      tf.tidy(() => {
        const [expected, actual] = [layer(p, x), fast(p, x)];
        if (call % 33 > 0) return;
        expect(relativeError(actual.y.dataSync(), expected.y.dataSync())).toBeLessThan(1e-5);
        expect(relativeError(actual.means[0].dataSync(), expected.means[0].dataSync())).toBeLessThan(1e-5);
        expect(actual.x.dataSync()).toEqual(x.dataSync());
        expect(actual.none).toBeUndefined();
      });
    expect(counts()).toEqual(before);
    const existing = functions();
    fast.dispose();
    expect(functions()).toBe(existing - 1);
    x.dispose();
  });

  test("gives the function's gradients with regard to variables, arguments and surroundings", () => {
    const { p, x } = setUp(2);
    const found = tf.tidy(() => tf.variable(tf.tensor1d([3, 1, 4, 1, 5]).add(0)));
    const f = (p: Weights, x: tf.Tensor2D) => {
      const { y, means } = layer(p, x);
      return { loss: y.square().mean().add(means[1].mul(found.sum())) as tf.Scalar, best: y.argMax(-1).sum() };
    };
    const fast = jit(f, { xla });
    const before = counts();
    for (let call = 0; call < 3; call++)
      tf.tidy(() => {
        const [expected, actual] = [f, fast].map((one) => tf.variableGrads(() => one(p, x).loss));
        const all = [p.weight, p.bias, found];
        for (const { name } of all)
          expect(relativeError(actual.grads[name].dataSync(), expected.grads[name].dataSync())).toBeLessThan(1e-4);
        const [dx, fastDx] = [f, fast].map((one) => tf.grad((x: tf.Tensor) => one(p, x as tf.Tensor2D).loss)(x));
        expect(relativeError(fastDx.dataSync(), dx.dataSync())).toBeLessThan(1e-4);
      });
    expect(counts()).toEqual(before);
    fast.dispose();
    x.dispose();
  });
});

test("jit() compiles once for weights of the same shapes, and once for equal functions", () => {
  const [{ p, x }, other] = [setUp(3), setUp(4)];
  const before = compilations();
  const [first, second] = [jit(layer), jit(layer)];
  tf.tidy(() => {
    first(p, x);
    const expected = layer(other.p, other.x).y.dataSync();
    expect(relativeError(first(other.p, other.x).y.dataSync(), expected)).toBeLessThan(1e-5);
    second(p, x);
  });
  expect(compilations()).toBe(before + 1);
  tf.dispose([x, other.x]);
});

test("jit() keeps as many sets of shapes as it is told", () => {
  const before = functions();
  const fast = jit((x: tf.Tensor) => x.mul(2).add(1), { cache: 2 });
  for (const size of [2, 3, 5, 7, 2]) expect(tf.tidy(() => fast(tf.ones([size])).dataSync()[size - 1])).toBe(3);
  expect(functions()).toBe(before + 2);
  fast.dispose();
  expect(functions()).toBe(before);
});

test("jit() that is patient compiles what is called often, with the same results all along", () => {
  const before = compilations();
  const fast = jit((x: tf.Tensor) => tf.sigmoid(x.mul(3)).mean(0).mean(), { patient: true });
  for (let call = 0; call < 20; call++) {
    expect(tf.tidy(() => fast(tf.ones([509, 499])).dataSync()[0])).toBeCloseTo(1 / (1 + Math.exp(-3)), 5);
    if (call === 3) expect(compilations()).toBe(before);
  }
  expect(compilations()).toBe(before + 2);
  for (let size = 2; size < 20; size++) tf.tidy(() => fast(tf.ones([size])));
  expect(compilations()).toBe(before + 2);
  tf.tidy(() => fast(tf.ones([1009, 997]))); // large work at once
  expect(compilations()).toBe(before + 3);
});

test("jit() records anew for other plain values and other structures", () => {
  const fast = jit((x: tf.Tensor, { times, how }: { times: number; how?: string }) =>
    how === "square" ? x.square() : x.mul(times),
  );
  tf.tidy(() => {
    const x = tf.tensor1d([1, 2, 3]);
    expect([...fast(x, { times: 2 }).dataSync()]).toEqual([2, 4, 6]);
    expect([...fast(x, { times: 3 }).dataSync()]).toEqual([3, 6, 9]);
    expect([...fast(x, { times: 2, how: "square" }).dataSync()]).toEqual([1, 4, 9]);
  });
});

test("jit() reads variables of its surroundings anew, and says which tensor was disposed", () => {
  const variable = tf.variable(tf.scalar(2));
  const constant = tf.scalar(3);
  const fast = jit((x: tf.Tensor) => x.mul(variable).add(constant.reshape([1])));
  tf.tidy(() => {
    const x = tf.tensor1d([5]);
    expect(fast(x).dataSync()[0]).toBe(13);
    variable.assign(tf.scalar(7));
    expect(fast(x).dataSync()[0]).toBe(38);
    constant.dispose();
    expect(() => fast(x)).toThrow("a tensor of shape [] in its surroundings was disposed. Pass it as an argument");
  });
});

test("jit() draws from a Random among its arguments as the function does", () => {
  const f = (x: tf.Tensor, random: Random) =>
    x
      .mul(random.uniform([3, 5], 1, 2))
      .add(random.normal([5], 0, 3))
      .add(random.uniform([5], 0, 1));
  const fast = jit(f);
  const [eager, compiled] = [new Random(11), new Random(11)];
  for (let call = 0; call < 3; call++)
    tf.tidy(() => {
      const x = tf.ones([3, 5]);
      expect(relativeError(fast(x, compiled).dataSync(), f(x, eager).dataSync())).toBeLessThan(1e-6);
    });
  expect(compiled.state).toEqual(eager.state);
});

test("jit() runs a host op between compiled functions, forward and backward", () => {
  let runs = 0;
  const kernel =
    (factor: number): tf.KernelFunc =>
    ({ inputs, backend }) => {
      runs++;
      const { x } = inputs as { x: tf.TensorInfo };
      const read = (backend as tf.KernelBackend).readSync(x.dataId) as Float32Array;
      const dataId = (backend as tf.KernelBackend).write(
        read.map((value) => value * factor),
        x.shape,
        "float32",
      );
      return { dataId, shape: x.shape, dtype: "float32" };
    };
  const outputs = ({ inputs: { x } }: { inputs: tf.NamedTensorInfoMap }) => x as tf.TensorInfo;
  registerHostOp({ kernelName: "Tripled", backendName: "tensorflow", outputs, kernelFunc: kernel(3) });
  tf.registerGradient({
    kernelName: "Tripled",
    gradFunc: (dy) => ({ x: () => tf.engine().runKernel("Tripled", { x: dy as tf.Tensor }) as tf.Tensor }),
  });
  const f = (x: tf.Tensor) => tf.engine().runKernel<tf.Tensor>("Tripled", { x: x.square() }).mul(x).sum();
  const fast = jit(f);
  const x = tf.tidy(() => tf.tensor1d([1, 2, 3]).add(0));
  const before = counts();
  for (let call = 0; call < 3; call++) {
    runs = 0;
    tf.tidy(() => {
      expect(fast(x).dataSync()[0]).toBe(108);
      expect([...tf.grad(fast)(x).dataSync()]).toEqual([9, 36, 81]);
    });
    expect(runs).toBe(3);
  }
  expect(counts()).toEqual(before);
  x.dispose();
});

describe("jit() says what cannot be recorded", () => {
  const here = /jit\.test\.ts:\d+:\d+/;
  const x = () => tf.ones([3, 5]);
  test.each<[string, (x: tf.Tensor) => unknown, RegExp]>([
    [
      "a value that is read",
      (x) => tf.scalar(x.square().dataSync()[0]),
      /Cannot read the values of what Square at .* gives/,
    ],
    [
      "a shape that depends on values",
      (x) => (tf.backend() as never as { where(x: tf.Tensor): tf.Tensor }).where(x.greater(0)),
      /Cannot record Where at .*depends on values/,
    ],
    [
      "an op on wrong shapes",
      (x) => tf.engine().runKernel("BatchMatMul", { a: x, b: x }, { transposeA: false, transposeB: false }),
      /Cannot record BatchMatMulV2 at/,
    ],
    ["a Random that is no argument", (x) => x.mul(new Random(1).uniform([5])), /Pass the Random as an argument/],
    ["a single random number", (x) => x.mul(new Random(1).next()), /Cannot draw a single random number/],
  ])("%s", (_, f, message) => {
    const before = counts();
    tf.tidy(() => {
      const call = () => jit(f as never as (x: tf.Tensor) => tf.Tensor)(x());
      expect(call).toThrow(message);
      if (!message.source.includes("single")) expect(call).toThrow(here);
    });
    expect(counts()).toEqual(before);
  });

  test("an assignment", () => {
    const variable = tf.variable(tf.scalar(1));
    expect(() => tf.tidy(() => jit((x: tf.Tensor) => variable.assign(x.sum()))(x()))).toThrow(/Cannot assign/);
    expect(variable.dataSync()[0]).toBe(1);
  });

  test("an argument that is no data", () => {
    expect(() => jit((f: () => number) => tf.scalar(f()))(() => 1)).toThrow(/must be tensors, Randoms, numbers/);
  });

  test("a gradient that there is none of", () => {
    registerHostOp({
      kernelName: "WithoutGradient",
      backendName: "tensorflow",
      outputs: ({ inputs: { x } }) => x as tf.TensorInfo,
      kernelFunc: ({ inputs }) => tf.ones((inputs.x as tf.TensorInfo).shape),
    });
    const without = (x: tf.Tensor) => tf.engine().runKernel<tf.Tensor>("WithoutGradient", { x });
    const fast = jit((x: tf.Tensor) => ({ sum: x.sum(), other: without(x.square()).sum() }));
    tf.tidy(() => {
      expect(
        tf
          .grad((x) => fast(x).sum)(x())
          .dataSync()[0],
      ).toBe(1);
      expect(() => tf.grad((x) => fast(x).other)(x())).toThrow("Cannot compute a gradient: WithoutGradient has none");
    });
  });

  test("or runs op by op, where that is asked for", () => {
    const fast = jit((x: tf.Tensor) => tf.scalar(x.dataSync()[0]), { fallback: "eager" });
    for (let call = 0; call < 2; call++) expect(tf.tidy(() => fast(x()).dataSync()[0])).toBe(1);
  });
});

test("jit() inside of what jit() records is part of it", () => {
  const before = functions();
  const inner = jit((x: tf.Tensor) => x.square());
  const outer = jit((x: tf.Tensor) => inner(x).add(inner(x.add(1))));
  expect(tf.tidy(() => outer(tf.tensor1d([2])).dataSync()[0])).toBe(13);
  expect(functions()).toBe(before + 1);
  outer.dispose();
});

test("jit() runs the function itself while observed, in gradients of gradients, and switched off", () => {
  const before = compilations();
  const cube = jit((x: tf.Tensor) => x.mul(x).mul(x));
  const two = tf.scalar(2);
  observe({}, () => tf.tidy(() => cube(two)));
  expect(
    tf.tidy(
      () =>
        tf
          .grad((x: tf.Tensor) => tf.grad(cube)(x))(two)
          .dataSync()[0],
    ),
  ).toBe(12);
  process.env.BESTRQ_JIT = "0";
  try {
    tf.tidy(() => cube(two));
  } finally {
    delete process.env.BESTRQ_JIT;
  }
  expect(compilations()).toBe(before);
  two.dispose();
});

test("jit() takes a whole training step: gradients and the optimizer inside one function", () => {
  type State = { weights: tf.Tensor[]; moments: tf.Tensor[] };
  const step = ({ weights, moments }: State, x: tf.Tensor, y: tf.Tensor): State =>
    tf.tidy(() => {
      const loss = (a: tf.Tensor, b: tf.Tensor) =>
        tf.squaredDifference(tf.matMul(tf.relu(tf.matMul(x as tf.Tensor2D, a)), b), y).mean();
      const gradients = tf.grads(loss as never)(weights);
      const next = moments.map((moment, index) => moment.mul(0.9).add(gradients[index]));
      return { weights: weights.map((weight, index) => weight.sub(next[index].mul(0.1))), moments: next };
    });
  const compiledStep = jit(step);
  tf.tidy(() => {
    const random = new Random(1);
    const [x, y] = [random.normal([13, 7], 0, 1), random.normal([13, 3], 0, 1)];
    const weights = [random.normal([7, 11], 0, 1), random.normal([11, 3], 0, 1)];
    let [ours, theirs] = Array.from(
      { length: 2 },
      (): State => ({ weights, moments: weights.map((w) => tf.zerosLike(w)) }),
    );
    const before = compilations();
    for (let n = 0; n < 5; n++) [ours, theirs] = [compiledStep(ours, x, y), step(theirs, x, y)];
    expect(compilations()).toBe(before + 1);
    for (const [index, weight] of ours.weights.entries()) {
      expect(relativeError(weight.dataSync(), theirs.weights[index].dataSync())).toBeLessThan(1e-5);
    }
  });
  compiledStep.dispose();
});
