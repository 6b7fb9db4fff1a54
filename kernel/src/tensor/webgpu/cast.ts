// A cast to a wider type shares the values of what it casts in tfjs-backend-webgpu. Elsewhere they are values of their
// own, which memory is accounted for by; so they are here.
import * as tf from "../tf";

export function castKernel(): tf.KernelConfig {
  const kernel = tf.getKernel(tf.Cast, "webgpu");
  const native = kernel.kernelFunc;
  const kernelFunc: tf.KernelFunc = (call) => {
    const { backend } = call;
    const x = call.inputs.x as tf.TensorInfo;
    const cast = native(call) as tf.TensorInfo;
    if (cast.dataId !== x.dataId || cast.dtype === x.dtype) return cast;
    const size = tf.util.sizeFromShape(x.shape);
    const flat = { dataId: x.dataId, shape: [size], dtype: x.dtype };
    const attrs = { begin: [0], size: [size] };
    const copy = tf.getKernel(tf.Slice, "webgpu").kernelFunc({ inputs: { x: flat }, attrs, backend }) as tf.TensorInfo;
    (backend as tf.KernelBackend).disposeData(cast.dataId); // the share that was taken
    return { dataId: copy.dataId, shape: x.shape, dtype: cast.dtype };
  };
  return { ...kernel, kernelFunc };
}
