// A sum of many tensors. tfjs-backend-webgpu binds all of them to one program; WebGPU promises room for eight buffers.
import * as tf from "../tf";

/** Inputs of one program, which has its output as well. */
const most = 7;

/** The kernel that adds a few at a time. */
export function addNKernel(): tf.KernelConfig {
  const { kernelFunc: add } = tf.getKernel(tf.AddN, "webgpu");
  const few: tf.KernelFunc = (call) => {
    const inputs = call.inputs as unknown as tf.TensorInfo[];
    if (inputs.length <= most) return add(call);
    return tf.tidy(() => {
      let sum = inputs[0];
      for (let from = 1; from < inputs.length; from += most - 1) {
        const part = [sum, ...inputs.slice(from, from + most - 1)];
        const info = add({ ...call, inputs: part as unknown as tf.NamedTensorInfoMap }) as tf.TensorInfo;
        sum = tf.engine().makeTensorFromTensorInfo(info);
      }
      return sum as tf.Tensor;
    });
  };
  return { kernelName: tf.AddN, backendName: "webgpu", kernelFunc: few };
}
