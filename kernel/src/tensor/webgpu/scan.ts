// The selective scan on "webgpu", forwards and its gradient: WGSL programs one after the other.
import * as tf from "../tf";
import type { Program, WebGpuBackend } from "./backend";
import {
  CarryProgram,
  ChunkProgram,
  type Direction,
  GradientProgram,
  gradientParts,
  groupsOf,
  OutputProgram,
  type ScanSizes,
  uniformsOf,
} from "./scanPrograms";

type Inputs = Record<"x" | "delta" | "A" | "B" | "C" | "skip", tf.Tensor>;

/** The kernels of {@link selectiveScan} and of its gradient for "webgpu". */
export function scanKernels(): tf.KernelConfig[] {
  return [
    { kernelName: "SelectiveScan", backendName: "webgpu", kernelFunc: forward as unknown as tf.KernelFunc },
    { kernelName: "SelectiveScanGrad", backendName: "webgpu", kernelFunc: backward as unknown as tf.KernelFunc },
  ];
}

function forward({ inputs, backend }: { inputs: Inputs; backend: WebGpuBackend }): tf.Tensor {
  const { x, delta, A, B, C, skip } = inputs;
  const sizes = sizesOf(inputs);
  return tf.tidy(() => {
    const run = runner(backend, sizes);
    const starts = carried(run, sizes, "forwards", [x, delta, A, B]);
    return run(new OutputProgram(sizes), [x, delta, A, B, C, skip, starts]);
  });
}

/** Gradients of x, delta, A, B, C and skip. */
function backward({ inputs, backend }: { inputs: Inputs & { dy: tf.Tensor }; backend: WebGpuBackend }): tf.Tensor[] {
  const { x, delta, A, B, C, skip, dy } = inputs;
  const sizes = sizesOf(inputs);
  const { D, N } = sizes;
  return tf.tidy(() => {
    const run = runner(backend, sizes);
    const starts = carried(run, sizes, "forwards", [x, delta, A, B]);
    const flows = carried(run, sizes, "backwards", [dy, delta, A, C]);
    const channel = tf.concat([A, skip.expandDims(1)], 1);
    const all = run(new GradientProgram(sizes), [x, delta, channel, tf.concat([B, C], 2), dy, starts, flows]);
    const { parameters, maps, size } = gradientParts(sizes);
    const [dx, dDelta] = [0, x.size].map((begin) => tf.slice(all, begin, x.size).reshape(x.shape));
    const dChannel = tf.slice(all, parameters, maps - parameters).reshape([-1, D, N + 1]).sum(0); // biome-ignore format: one line
    const dMaps = tf.slice(all, maps, size - maps).reshape([groupsOf(sizes), -1]).sum(0); // biome-ignore format: one line
    const [dB, dC] = tf.split(dMaps.reshape([...B.shape.slice(0, 2), 2 * N]), 2, 2);
    const [dA, dSkip] = tf.split(dChannel, [N, 1], 1);
    return [dx, dDelta, dA, dB, dC, dSkip.reshape([D])];
  });
}

/** What flows into each chunk. */
function carried(run: Run, sizes: ScanSizes, direction: Direction, inputs: tf.Tensor[]): tf.Tensor {
  const local = run(new ChunkProgram(sizes, direction), inputs);
  return run(new CarryProgram(sizes, direction), [local, inputs[2]]);
}

type Run = (program: Program, inputs: tf.Tensor[]) => tf.Tensor;

/** Runs a program; the surrounding tidy frees what it gives. */
function runner(backend: WebGpuBackend, sizes: ScanSizes): Run {
  const uniforms = uniformsOf(sizes);
  return (program, inputs) => {
    // A cast to float32 may have left the buffer as it was, of whole numbers.
    const floats = inputs.map((x) => (backend.tensorMap.get(x.dataId).dtype === "float32" ? x : tf.mul(x, 1)));
    return tf.engine().makeTensorFromTensorInfo(backend.runWebGPUProgram(program, floats, "float32", uniforms));
  };
}

function sizesOf({ x, A }: Inputs): ScanSizes {
  const [B, T, D] = x.shape;
  return { B, T, D, N: A.shape[1] as number };
}
