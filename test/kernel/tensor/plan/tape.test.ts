// Gradients while planning: the same account, event by event, as the engine's own tape gives on a backend that computes.
import { foresee, memory } from "bestrq/profile";
import { span, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { useBackend } from "../backends";

beforeAll(() => useBackend("wasm"));

/** All that does not depend on the clock. */
const accountOf = ({ events }: { events: Iterable<object> }) =>
  [...events].map((event) => ({ ...event, timeUs: undefined }));

const x = () => tf.ones([3, 5]);
const cube = (input: tf.Tensor) => input.mul(input).mul(input).sum();

/** Doubles, and says that it triples. */
const tripled = tf.customGrad((input, save) => {
  (save as tf.GradSaveFunc)([input as tf.Tensor]);
  const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => dy.mul(3).mul(saved[0]);
  return { value: (input as tf.Tensor).mul(2), gradFunc };
});

const works: Record<string, () => tf.TensorContainer> = {
  "an op that is used twice": () => tf.grad((a) => a.exp().add(a.exp().mul(a)).sum())(x()),
  "a gradient that is given": () => tf.grad((a) => a.square())(x(), tf.fill([3, 5], 2)),
  "several inputs, one of them in a branch that leads nowhere": () =>
    tf.grads((a: tf.Tensor, b: tf.Tensor) => {
      b.exp().square();
      return span("product", () => tf.matMul(a, b)).sum();
    })([x(), tf.ones([5, 7])]),
  "variables, without those that are not asked for": () => {
    const [weight, bias] = [tf.variable(tf.ones([5, 2])), tf.variable(tf.ones([2]))];
    const { value, grads } = tf.variableGrads(() => x().matMul(weight).add(bias).sum() as tf.Scalar, [weight]);
    return tf.tidy(() => tf.addN([value, ...Object.values(grads).map((one) => one.sum())]));
  },
  "an op with several outputs, all of them used": () =>
    tf.grad((a) => tf.addN(tf.split(a, [1, 2], 0).map((part) => part.sum())))(x()),
  "an op with several outputs, one of them used": () => tf.grad((a) => tf.unstack(a)[1].square().sum())(x()),
  "a split, the middle of it used": () => tf.grad((a) => tf.split(a, 5, 1)[2].exp().sum())(x()),
  "a gradient of a gradient": () => tf.grad((a) => tf.grad(cube)(a).sum())(x()),
  "a gradient of a gradient of a gradient": () =>
    tf.grad((a) =>
      tf
        .grad((b) => tf.grad(cube)(b).sum())(a)
        .sum(),
    )(x()),
  "a gradient beside a gradient, inside another": () =>
    tf.grad((a) => tf.grad(cube)(a).mul(tf.grad(cube)(a.square())).sum())(x()),
  "a custom gradient": () => tf.grad((a) => tripled(a.square()).sum())(x()),
  "a custom gradient, in a gradient of a gradient": () =>
    tf.grad((a) =>
      tf
        .grad((b) => tripled(b).sum())(a)
        .sum(),
    )(x()),
  "a result and its gradient": () => tf.valueAndGrad((a) => a.tanh().sum())(x()) as unknown as tf.TensorContainer,
};

describe("gradients while planning", () => {
  test.each(Object.keys(works))("%s", async (name) => {
    const run = () => tf.tidy(() => void works[name]());
    const [planned, recorded] = [foresee(name, () => ({ held: [], run })).trace, await memory(run)];
    expect(accountOf(planned)).toEqual(accountOf(recorded));
    expect(planned.peakBytes).toBe(recorded.peakBytes);
    expect([...planned.events].some(({ phase }) => phase === "backward")).toBe(true);
    tf.disposeVariables();
  });

  /** What `run` throws, where it is planned and where it is computed. */
  const failures = (run: () => unknown) => {
    const thrown = (body: () => unknown) => {
      try {
        body();
        return "nothing";
      } catch (error) {
        return (error as Error).message;
      }
    };
    return [thrown(() => foresee("", () => ({ held: [], run: () => void tf.tidy(() => void run()) }))), thrown(run)];
  };

  test("say what the engine says of a function that does not lead from x to a tensor by any op", () => {
    for (const f of [(a: tf.Tensor) => a, () => tf.scalar(1), (a: tf.Tensor) => [a, a.exp()][0]]) {
      for (const message of failures(() => tf.grad(f)(x()))) {
        expect(message).toMatch(/^Cannot compute gradient of y=f\(x\) with respect to x\. Make sure/);
      }
    }
    const none = failures(() => tf.grad(() => undefined as never)(x()));
    expect(none).toEqual([none[1], none[1]]);
  });

  test("name the op that has no gradient", () => {
    const [planned, computed] = failures(() => tf.grad((a) => tf.cumprod(a).sum())(x()));
    expect(planned).toBe("Cannot plan gradients: Cumprod has none");
    expect(computed).toContain("Cumprod");
  });

  test("end with an exception inside, forward or backward, and can be planned again", async () => {
    const wrong = tf.customGrad((input) => {
      const gradFunc = () => {
        throw new Error("backward, on purpose");
      };
      return { value: (input as tf.Tensor).mul(2), gradFunc };
    });
    const forward = () =>
      tf.grad((a) => {
        a.square();
        throw new Error("forward, on purpose");
      })(x());
    const backward = () => tf.grad((a) => wrong(a.exp()).sum())(x());
    const { numTensors } = tf.memory();
    for (const [name, work] of Object.entries({ forward, backward })) {
      const planned = () => foresee("", () => ({ held: [], run: () => void work() }));
      expect(planned).toThrow(`${name}, on purpose`);
      expect(planned).toThrow(`${name}, on purpose`);
    }
    const run = () => tf.tidy(() => void tf.grad(cube)(x()));
    expect(accountOf(foresee("", () => ({ held: [], run })).trace)).toEqual(accountOf(await memory(run)));
    expect(tf.getBackend()).toBe("wasm");
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  test("caught inside, an exception leaves the gradient around it whole", async () => {
    const run = () =>
      tf.tidy(
        () =>
          void tf.grad((a) => {
            expect(() => tf.grad((b) => b.matMul(tf.ones([2, 2])).sum())(a)).toThrow();
            return a.square().sum();
          })(x()),
      );
    expect(accountOf(foresee("", () => ({ held: [], run })).trace)).toEqual(accountOf(await memory(run)));
  });
});
