// Functions of one number whose WGSL may be far off: WGSL lets sin and cos be wrong by 5e-4, and log(1 + x) and exp(x) - 1
// lose small x. Positions, and the small steps of Mamba, need better, so here they are within a few roundings.
import type * as tf from "../tf";
import type { Program, WebGpuBackend } from "./backend";

/**
 * The body of a function of x: its sine, or its cosine, which is the sine a quarter further on.
 * x less the closest multiple of π / 2, in three steps that are exact (Cody and Waite 1980), and Taylor's series.
 */
export const wave = (quarters: 0 | 1) => `
  if (abs(x) > 65536.0 || isnan(x)) { return ${quarters === 0 ? "sin" : "cos"}(x); }
  let k = round(x * 0.6366197723675814);
  let r = ((x - k * 1.5703125) - k * 4.837512969970703125e-4) - k * 7.549789948768648e-8;
  let z = r * r;
  let sine = r + r * z * (-1.6666654611e-1 + z * (8.3321608736e-3 - z * 1.9515295891e-4));
  let cosine = 1.0 - 0.5 * z + z * z * (4.166664568298827e-2 + z * (-1.388731625493765e-3 + z * 2.443315711809948e-5));
  let quarter = (i32(k) + ${quarters}) & 3;
  let value = select(sine, cosine, (quarter & 1) == 1);
  return select(value, -value, quarter >= 2);`;

/** log(1 + x) = 2 artanh(x / (2 + x)), for small x by its series. */
const logarithm = `
fn logOnePlus(x : f32) -> f32 {
  if (x < -1.0 || isnan(x)) { return uniforms.NAN; }
  if (!(abs(x) < 0.4)) { return log(1.0 + x); }
  let s = x / (2.0 + x);
  let z = s * s;
  return 2.0 * s * (1.0 + z * (0.3333333333 + z * (0.2 + z * (0.1428571429 + z * 0.1111111111))));
}`;

/** What \`value\` of x is, and what it calls. */
const functions: Record<string, { body: string; calls?: string }> = {
  Sin: { body: wave(0) },
  Cos: { body: wave(1) },
  Log1p: { body: "return logOnePlus(x);", calls: logarithm },
  Softplus: { body: "return max(x, 0.0) + logOnePlus(exp(-abs(x)));", calls: logarithm },
  Expm1: {
    body: `
  if (!(abs(x) < 0.5)) { return exp(x) - 1.0; }
  return x * (1.0 + x * (0.5 + x * (0.1666666667 + x * (4.166666667e-2 + x * (8.333333333e-3 + x * (1.388888889e-3 + x * 1.984126984e-4))))));`,
  },
};

/** Kernels for "webgpu" in place of those of tfjs-backend-webgpu. */
export function elementaryKernels(): tf.KernelConfig[] {
  return Object.keys(functions).map((kernelName) => ({
    kernelName,
    backendName: "webgpu",
    kernelFunc: ({ inputs, backend }) => {
      const { x } = inputs as { x: tf.TensorInfo };
      const program = new ElementaryProgram(kernelName, x.shape);
      return (backend as WebGpuBackend).runWebGPUProgram(program, [x], "float32", [
        { type: "int32", data: [program.count] },
      ]);
    },
  }));
}

class ElementaryProgram implements Program {
  readonly variableNames = ["values"];
  readonly uniforms = "count : i32, ";
  readonly workgroupSize: [number, number, number] = [128, 1, 1];
  readonly dispatchLayout = { x: [0] };
  readonly dispatch: [number, number, number];
  readonly shaderKey: string;
  readonly count: number;

  constructor(
    private readonly name: string,
    readonly outputShape: number[],
  ) {
    this.count = outputShape.reduce((product, length) => product * length, 1);
    this.dispatch = [Math.ceil(this.count / 128), 1, 1];
    this.shaderKey = `elementary ${name}`;
  }

  getUserCode(): string {
    const { body, calls = "" } = functions[this.name];
    return `${calls}
fn value(x : f32) -> f32 {${body}
}

fn main(index : i32) {
  if (index < uniforms.count) { result[index] = value(f32(values[index])); }
}`;
  }
}
