// Mamba (Gu and Dao 2023, arXiv:2312.00752), in two directions whose outputs are added.
//
//   x, z        the two halves of the expanded input [B, T, E], E = expand · D: the signal and its gate
//   Δ           step size [B, T, E]
//   A           decay, negative [E, N];  B, C   input and output maps of the state [B, T, N]
//   h           state [E, N];  D   skip [E]
//
//   [x | z] = W_in RMSNorm(u)_t;  x ← SiLU(causal convolution of x)
//   [δ | B | C] = W_x x;  Δ = softplus(W_Δ δ + b_Δ);  A = −exp(A_log)
//   h_t = exp(Δ_t A) h_(t−1) + Δ_t B_t x_t;  y_t = C_t h_t + D x_t         (A by zero-order hold, B by Euler's rule)
//   out = u + W_out (y SiLU(z)), of the forward and of the reversed sequence
//
// The residual u + … inside is the authors'; the conformer block adds another one around it.
import {
  type Batch,
  byInputs,
  depthwise,
  depthwiseSpec,
  linear,
  type Mixer,
  ones,
  ParameterSpec,
  type Parameters,
  projectionSpec,
  rmsNorm,
  rmsNormSpec,
  swish,
} from "../nn";
import { type Random, selectiveScan, span, tap, tf } from "../tensor";

/** Sizes and switches of {@link mamba}. */
export interface MambaOptions {
  /** D. */
  readonly width: number;
  /** N, numbers of state per channel (default 16). */
  readonly states?: number;
  /** Frames that the causal convolution sees (default 4). */
  readonly kernel?: number;
  /** E / D (default 2). */
  readonly expand?: number;
  /** Width of δ (default ⌈D / 16⌉). */
  readonly stepRank?: number;
  /** Scan the reversed sequence too and add (default true). */
  readonly bidirectional?: boolean;
  /** Lets padded frames leak into valid ones through the reversed scan, as the authors' code does (default false). */
  readonly leakPadding?: boolean;
}

/** As Mamba's authors start: the bias with which softplus gives steps from 0.001 to 0.1, uniform in their logarithm. */
const stepBias = (shape: readonly number[], random: Random): tf.Tensor =>
  tf.tidy(() => {
    const steps = tf.exp(random.uniform([...shape], Math.log(0.001), Math.log(0.1))).maximum(1e-4);
    return steps.add(tf.log(tf.neg(tf.expm1(tf.neg(steps)))));
  });

/** A starts at −1, −2, … −N in every channel (S4D-real, Gu et al. 2022, arXiv:2206.11893). */
const stateDecays = ([inner, states]: readonly number[]): tf.Tensor =>
  tf.tidy(() =>
    tf
      .log(tf.range(1, states + 1))
      .tile([inner])
      .reshape([inner, states]),
  );

const directionSpec = (width: number, inner: number, states: number, kernel: number, rank: number) => ({
  input: projectionSpec(width, 2 * inner, byInputs(width)),
  convolution: depthwiseSpec(kernel, inner),
  select: projectionSpec(inner, rank + 2 * states, byInputs(inner)),
  step: { ...projectionSpec(rank, inner, byInputs(rank)), bias: new ParameterSpec([inner], stepBias) },
  logDecay: new ParameterSpec([inner, states], stateDecays), // drawn anew in the paper: A starts near −1
  skip: new ParameterSpec([inner], ones),
  output: projectionSpec(inner, width, byInputs(inner)),
});

const specOf = (direction: ReturnType<typeof directionSpec>, width: number, bidirectional: boolean) => ({
  norm: rmsNormSpec(width),
  forward: direction,
  backward: bidirectional ? direction : undefined,
});

type Direction = Parameters<ReturnType<typeof directionSpec>>;

/** Mamba. Memory and time grow with T. Taps of each direction `step size`, `decay`, `input map`, `output map`, `skip`. */
export function mamba(options: MambaOptions): Mixer<MambaSpec> {
  const { width, states = 16, kernel = 4, expand = 2, bidirectional = true, leakPadding = false } = options;
  const inner = expand * width;
  const rank = options.stepRank ?? Math.ceil(width / 16);

  const direction = (p: Direction, u: tf.Tensor3D, mask: Batch["mask"]) => {
    // With x and Δ zero at a padded frame, the state passes through it unchanged: exp(0) h + 0.
    const masked = <T extends tf.Tensor>(x: T) => (leakPadding ? x : (x.mul(mask) as T));
    const [signal, gate] = tf.split(linear(p.input, u), 2, -1) as tf.Tensor3D[];
    const x = swish(depthwise(p.convolution, masked(signal), kernel - 1));
    const [delta, inputMap, outputMap] = tf.split(linear(p.select, x), [rank, states, states], -1) as tf.Tensor3D[];
    const step = tap("step size", masked(tf.softplus(linear(p.step, delta)) as tf.Tensor3D));
    const decay = tap("decay", tf.neg(tf.exp(p.logDecay)) as tf.Tensor2D);
    tap("input map", inputMap);
    tap("output map", outputMap);
    tap("skip", p.skip);
    const y = span("scan", () => selectiveScan(x, step, decay, inputMap, outputMap, p.skip as tf.Tensor1D));
    return linear(p.output, y.mul(swish(gate)) as tf.Tensor3D);
  };

  return {
    spec: specOf(directionSpec(width, inner, states, kernel, rank), width, bidirectional),
    apply(p, x, { mask }) {
      const u = rmsNorm(p.norm, x);
      const forward = x.add(span("forward", () => direction(p.forward, u, mask)));
      if (!p.backward) return forward as tf.Tensor3D;
      const backward = p.backward;
      return forward.add(
        span("backward", () => tf.reverse(direction(backward, tf.reverse(u, 1), tf.reverse(mask, 1)), 1)),
      ) as tf.Tensor3D;
    },
    flops: (frames) =>
      (bidirectional ? 2 : 1) *
      2 *
      frames *
      (3 * width * inner + kernel * inner + inner * (rank + 2 * states) + rank * inner + 3 * inner * states),
  };
}

type MambaSpec = ReturnType<typeof specOf>;
