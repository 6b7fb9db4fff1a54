// Dropout on the CPU: by the compiled code and the threads of the selective scan, a window of numbers after the other.
import { openDropout } from "../scan/job";
import { compute } from "../scan/values";
import type * as tf from "../tf";
import { thresholdOf } from "./threshold";

/** Numbers that are copied at a time: they stay in a core's cache. */
const longestWindow = 2 ** 17;

/** The kernel that computes at once; the key is read first. */
export function dropCompiled(
  backend: tf.KernelBackend,
  x: tf.TensorInfo,
  key: Int32Array,
  rate: number,
): tf.TensorInfo {
  const count = x.shape.reduce((product, size) => product * size, 1);
  const window = Math.min(count, longestWindow);
  const { least, scale } = thresholdOf(rate);
  return compute(backend, [x], [x.shape], ([source], [target]) => {
    const { values, drop } = openDropout(window, key, least, scale);
    for (let first = 0; first < count; first += window) {
      const part = values.subarray(0, Math.min(window, count - first));
      source.read(first, part);
      drop(first, part.length);
      target.write(first, part);
    }
  })[0];
}
