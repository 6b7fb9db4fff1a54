// Dropout on "webgpu": see ../dropout.ts.
import { thresholdOf } from "../dropout/threshold";
import type * as tf from "../tf";
import type { Program, WebGpuBackend } from "./backend";

/** The kernel of {@link dropout} for "webgpu". */
export function dropoutKernel(): tf.KernelConfig {
  return {
    kernelName: "Dropout",
    backendName: "webgpu",
    kernelFunc(call) {
      const { inputs, attrs, backend } = call as unknown as {
        inputs: Record<"x" | "key", tf.TensorInfo>;
        attrs: { rate: number };
        backend: WebGpuBackend;
      };
      const { x, key } = inputs;
      const { least, scale } = thresholdOf(attrs.rate);
      const program = new DropoutProgram(x.shape);
      return backend.runWebGPUProgram(program, [x, key], "float32", [
        { type: "int32", data: [program.count] },
        { type: "int32", data: [least] },
        { type: "float32", data: [scale] },
      ]);
    },
  };
}

class DropoutProgram implements Program {
  readonly variableNames = ["values", "key"];
  readonly uniforms = "count : i32, least : i32, scale : f32, ";
  readonly workgroupSize: [number, number, number] = [128, 1, 1];
  readonly dispatchLayout = { x: [0] };
  readonly dispatch: [number, number, number];
  readonly shaderKey = "dropout";
  readonly count: number;

  constructor(readonly outputShape: number[]) {
    this.count = outputShape.reduce((product, length) => product * length, 1);
    this.dispatch = [Math.ceil(this.count / 128), 1, 1];
  }

  getUserCode(): string {
    return `
fn mixed(given : u32) -> u32 {
  var h = (given ^ (given >> 16u)) * 0x85ebca6bu;
  h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
  return h ^ (h >> 16u);
}

fn main(index : i32) {
  if (index >= uniforms.count) { return; }
  let hash = mixed(mixed(u32(index) ^ bitcast<u32>(key[0])) ^ bitcast<u32>(key[1]));
  result[index] = select(0.0, f32(values[index]) * uniforms.scale, bitcast<i32>(hash) >= uniforms.least);
}`;
  }
}
