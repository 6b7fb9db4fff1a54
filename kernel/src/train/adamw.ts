import { jit, span, tf } from "../tensor";

/** Settings of {@link AdamW}; the defaults are the paper's. */
export interface AdamWOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

/** One parameter and its moments. */
type State = Readonly<Record<"variable" | "first" | "second", tf.Tensor>>;

interface Moments {
  readonly first: tf.Variable;
  readonly second: tf.Variable;
}

/**
 * AdamW (Loshchilov and Hutter 2019), as PyTorch computes it:
 *
 *     θ ← θ − η λ θ;  m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²
 *     θ ← θ − η (m / (1 − β₁ⁿ)) / (√(v / (1 − β₂ⁿ)) + ε)
 */
export class AdamW {
  private readonly moments: Moments[];
  private readonly options: Required<AdamWOptions>;
  private steps = 0;

  constructor(
    private readonly variables: readonly tf.Variable[],
    { beta1 = 0.9, beta2 = 0.98, epsilon = 1e-8, weightDecay = 0.01 }: AdamWOptions = {},
  ) {
    this.options = { beta1, beta2, epsilon, weightDecay };
    const zeros = (like: tf.Tensor) => tf.tidy(() => tf.variable(tf.zerosLike(like), false));
    this.moments = span("optimizer", () =>
      variables.map((variable) => ({ first: zeros(variable), second: zeros(variable) })),
    );
  }

  /** One step with the gradients in the order of the variables. */
  step(gradients: readonly tf.Tensor[], learningRate: number): void {
    const { beta1, beta2, weightDecay } = this.options;
    this.steps++;
    tf.tidy(() => {
      const rates = {
        decay: tf.scalar(1 - learningRate * weightDecay),
        step: tf.scalar(learningRate / (1 - beta1 ** this.steps)),
        correction2: tf.scalar(1 - beta2 ** this.steps),
      };
      this.variables.forEach((variable, index) => {
        const { first, second } = this.moments[index];
        const next = tf.tidy(() => this.update({ variable, first, second }, gradients[index], rates));
        first.assign(next.first);
        second.assign(next.second);
        variable.assign(next.variable);
        tf.dispose(next);
      });
    });
  }

  /** Steps done and moments, in the order of the variables. They stay the optimizer's; assign to them to go on from others. */
  get state(): { steps: number; first: readonly tf.Variable[]; second: readonly tf.Variable[] } {
    const { steps, moments } = this;
    return { steps, first: moments.map(({ first }) => first), second: moments.map(({ second }) => second) };
  }

  /** Goes on as if so many steps were done; the moments are to be assigned to what {@link state} gives. */
  resume(steps: number): void {
    this.steps = steps;
  }

  /** Frees the moments and what was compiled. */
  dispose(): void {
    this.update.dispose();
    for (const { first, second } of this.moments) tf.dispose([first, second]);
  }

  // Compiled, parameters of the same shape share it, and each number is read and written once.
  private readonly update = jit(
    (
      state: State,
      gradient: tf.Tensor,
      rates: { decay: tf.Scalar; step: tf.Scalar; correction2: tf.Scalar },
    ): State => {
      const { beta1, beta2, epsilon } = this.options;
      const first = state.first.mul(beta1).add(gradient.mul(1 - beta1));
      const second = state.second.mul(beta2).add(gradient.square().mul(1 - beta2));
      const size = second.div(rates.correction2).sqrt().add(epsilon);
      const variable = state.variable.mul(rates.decay).sub(first.div(size).mul(rates.step));
      return { variable, first, second };
    },
    { patient: true, cache: 64 },
  );
}
