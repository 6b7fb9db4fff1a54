// Kernels that TensorFlow cannot compile, in the middle of functions that it can.
import { registerRule } from "../plan/kernels";
import type { Attributes } from "../plan/rules/rule";
import * as tf from "../tf";
import { recorder } from "./recorder";

/** Shape and dtype of a tensor that is yet to be computed. */
type Described = Pick<tf.TensorInfo, "shape" | "dtype">;

/** A kernel that computes in JavaScript or WebAssembly: reads values, computes, writes values. */
export interface HostOp {
  readonly kernelName: string;
  readonly backendName: string;
  /** What `kernelFunc` will return, one or a list, told from the shapes of its inputs alone: no value may be read. */
  outputs(call: { inputs: tf.NamedTensorInfoMap; attrs?: tf.NamedAttrMap }): Described | Described[];
  /** Computes with real tensors, as any kernel of TensorFlow.js does. */
  readonly kernelFunc: tf.KernelFunc;
}

/**
 * Registers a kernel of TensorFlow.js as a *host op*. Called as usual, it runs as usual. While `jit` records, only its
 * name, inputs and the shapes of its outputs are noted, and the compiled program becomes a list of steps: what comes
 * before it, compiled; `kernelFunc` on the tensors that this gave; what comes after it, compiled. Gradients are
 * registered by `tf.registerGradient` as for any kernel; what they call may be a host op too. Between forward and
 * backward pass, a host op's outputs are saved rather than computed again. The backend "plan" knows it by its outputs.
 */
export function registerHostOp({ kernelName, backendName, outputs, kernelFunc }: HostOp): void {
  if (!tf.getKernel(kernelName, "plan")) {
    registerRule(kernelName, (inputs, attrs: Attributes) =>
      outputs({ inputs: inputs as tf.NamedTensorInfoMap, attrs }),
    );
  }
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc(call) {
      const recording = recorder.current;
      if (!recording) return kernelFunc(call);
      const { inputs, attrs } = call as { inputs: tf.NamedTensorInfoMap; attrs?: tf.NamedAttrMap };
      const described = outputs({ inputs, attrs });
      const made = recording.host({ kernelName, kernelFunc, attrs }, inputs, [described].flat() as tf.TensorInfo[]);
      return Array.isArray(described) ? made : made[0];
    },
  });
}
