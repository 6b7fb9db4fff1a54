// Kernels of tfjs-backend-webgpu that end at four axes, taken further.
import * as tf from "../tf";

type Call = Parameters<tf.KernelFunc>[0];
type Further = (call: Call, native: tf.KernelFunc) => tf.Tensor;

const tensor = (info: tf.TensorInfo): tf.Tensor => tf.engine().makeTensorFromTensorInfo(info);
const largest = 4;

/** The three have one shape, so that it does not matter. */
const select: Further = ({ inputs, ...call }, native) => {
  const { condition, t, e } = inputs as Record<string, tf.Tensor>;
  const flat = { condition: tf.reshape(condition, [-1]), t: tf.reshape(t, [-1]), e: tf.reshape(e, [-1]) };
  return tf.reshape(tensor(native({ ...call, inputs: flat }) as tf.TensorInfo), t.shape);
};

/** One axis after the other, between all that lies before it and all behind. */
const pad: Further = ({ inputs, attrs, ...call }, native) => {
  const { paddings, constantValue } = attrs as unknown as { paddings: [number, number][]; constantValue: number };
  return paddings.reduce(
    (x, [before, after], axis) => {
      if (before + after === 0) return x;
      const around = [x.shape.slice(0, axis), x.shape.slice(axis + 1)].map(tf.util.sizeFromShape);
      const rows = tf.reshape(x, [around[0], x.shape[axis], around[1]]);
      const margins = [[0, 0], [before, after], [0, 0]]; // biome-ignore format: one line
      const padded = native({ ...call, inputs: { x: rows }, attrs: { paddings: margins, constantValue } as never });
      return tf.reshape(
        tensor(padded as tf.TensorInfo),
        x.shape.map((size, i) => (i === axis ? before + size + after : size)),
      );
    },
    tf.clone(inputs.x as tf.Tensor),
  );
};

const kernels: [name: string, input: string, further: Further][] = [
  [tf.Select, "t", select],
  [tf.PadV2, "x", pad],
];

/** Those kernels for tensors of any number of axes. */
export function rankedKernels(): tf.KernelConfig[] {
  return kernels.map(([kernelName, input, further]) => {
    const kernel = tf.getKernel(kernelName, "webgpu");
    const native = kernel.kernelFunc;
    const kernelFunc: tf.KernelFunc = (call) => {
      const isSmall = (call.inputs[input] as tf.TensorInfo).shape.length <= largest;
      return isSmall ? native(call) : tf.tidy(() => further(call, native));
    };
    return { ...kernel, kernelFunc };
  });
}
