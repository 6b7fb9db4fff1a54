// The selective scan of Mamba: an op of our own, with its gradient, the same on every CPU backend.
import { registerHostOp } from "./jit/hostOp";
import { compute } from "./scan/values";
import { type ScanInput, type ScanSizes, scanBackward, scanForward } from "./scan/windows";
import * as tf from "./tf";

/**
 * The selective state space scan (Gu and Dao 2023, arXiv:2312.00752, Algorithm 2), the recurrence of Mamba:
 * `h_t = exp(delta_t A) h_{t-1} + (delta_t x_t) B_t`, `y_t = C_t h_t + skip x_t`, `h_0 = 0`, for each channel d with
 * its N states. A is discretised by zero-order hold, B by the simplified Euler rule, as the authors' code does.
 *
 * Linear in T in time and memory; the gradient computes states again from one in every 16 frames. Differentiable in all
 * six. On the CPU it runs on as many threads as `BESTRQ_THREADS` says, with the same results on any number of them.
 *
 * @param x Input `[B, T, D]`.
 * @param delta Step sizes `[B, T, D]`, positive.
 * @param A State matrix, a diagonal for each channel `[D, N]`, negative.
 * @param B Input matrix of each frame `[B, T, N]`.
 * @param C Output matrix of each frame `[B, T, N]`.
 * @param skip Weight of the input in the output `[D]`.
 * @returns y `[B, T, D]`
 * @throws TypeError if shapes do not agree, or an input is not float32.
 * @throws Error if the package was not built.
 */
export function selectiveScan(
  x: tf.Tensor3D,
  delta: tf.Tensor3D,
  A: tf.Tensor2D,
  B: tf.Tensor3D,
  C: tf.Tensor3D,
  skip: tf.Tensor1D,
): tf.Tensor3D {
  const inputs = { x, delta, A, B, C, skip };
  validate(inputs);
  return tf.engine().runKernel("SelectiveScan", inputs) as tf.Tensor3D;
}

type Tensors = Record<ScanInput, tf.Tensor>;

const names = ["x", "delta", "A", "B", "C", "skip"] as const;

function validate(inputs: Tensors): void {
  for (const name of names) {
    const input: unknown = inputs[name];
    if (!(input instanceof tf.Tensor) || input.dtype !== "float32") {
      const seen = input instanceof tf.Tensor ? input.dtype : typeof input;
      throw new TypeError(`Cannot scan: ${name} must be a float32 tensor, got ${seen}`);
    }
  }
  const { B, T, D, N } = sizes(inputs);
  const sequence = [B, T, D];
  const perFrame = [B, T, N];
  const expected = { x: sequence, delta: sequence, A: [D, N], B: perFrame, C: perFrame, skip: [D] };
  for (const name of names) {
    if (tf.util.arraysEqual(inputs[name].shape, expected[name]) && inputs[name].size > 0) continue;
    const seen = names.map((each) => `${each} [${inputs[each].shape.join(", ")}]`).join(", ");
    throw new TypeError(
      "Cannot scan: shapes must be x [B, T, D], delta [B, T, D], A [D, N], B [B, T, N], C [B, T, N], skip [D] " +
        `without empty axes, got ${seen}`,
    );
  }
}

function sizes({ x, A }: Record<"x" | "A", tf.TensorInfo>): ScanSizes {
  const [B, T, D] = x.shape;
  return { B, T, D, N: A.shape[1] };
}

const forward: tf.KernelFunc = (call) => {
  const { inputs, backend } = call as unknown as { inputs: Tensors; backend: tf.KernelBackend };
  const given = names.map((name) => inputs[name]);
  return compute(backend, given, [inputs.x.shape], (sources, [y]) => {
    scanForward(sizes(inputs), byName(sources), y);
  })[0];
};

const backward: tf.KernelFunc = (call) => {
  const { inputs, backend } = call as unknown as { inputs: Tensors & { dy: tf.Tensor }; backend: tf.KernelBackend };
  const given = names.map((name) => inputs[name]);
  const shapes = given.map(({ shape }) => shape);
  return compute(backend, [...given, inputs.dy], shapes, (sources, targets) => {
    scanBackward(sizes(inputs), { ...byName(sources), dy: sources[names.length] }, byName(targets));
  });
};

const byName = <T>(list: readonly T[]) =>
  Object.fromEntries(names.map((name, i) => [name, list[i]])) as Record<ScanInput, T>;

const same = ({ shape, dtype }: tf.TensorInfo) => ({ shape, dtype });

for (const backendName of ["tensorflow", "wasm", "cpu"]) {
  registerHostOp({
    kernelName: "SelectiveScan",
    backendName,
    outputs: ({ inputs }) => same(inputs.x as tf.TensorInfo),
    kernelFunc: forward,
  });
  registerHostOp({
    kernelName: "SelectiveScanGrad",
    backendName,
    outputs: ({ inputs }) => names.map((name) => same(inputs[name] as tf.TensorInfo)),
    kernelFunc: backward,
  });
}

tf.registerGradient({
  kernelName: "SelectiveScan",
  inputsToSave: [...names],
  gradFunc: (dy, saved) => {
    const inputs = byName(saved);
    // All six at once and right here: each function below runs in a tidy of its own, which would free the other five.
    const gradients = tf.engine().runKernel("SelectiveScanGrad", { ...inputs, dy: dy as tf.Tensor }) as tf.Tensor[];
    return Object.fromEntries(names.map((name, i) => [name, () => gradients[i]]));
  },
});
