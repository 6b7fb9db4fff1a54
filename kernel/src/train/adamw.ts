import { tf } from "../tensor";

/** Settings of {@link AdamW}; the defaults are the paper's. */
export interface AdamWOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

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
    this.moments = variables.map((variable) => ({ first: zeros(variable), second: zeros(variable) }));
  }

  /** One step with the gradients in the order of the variables. */
  step(gradients: readonly tf.Tensor[], learningRate: number): void {
    const { beta1, beta2, epsilon, weightDecay } = this.options;
    this.steps++;
    const correction1 = 1 - beta1 ** this.steps;
    const correction2 = 1 - beta2 ** this.steps;
    tf.tidy(() => {
      this.variables.forEach((variable, index) => {
        const gradient = gradients[index];
        const { first, second } = this.moments[index];
        first.assign(first.mul(beta1).add(gradient.mul(1 - beta1)));
        second.assign(second.mul(beta2).add(gradient.square().mul(1 - beta2)));
        const size = second.div(correction2).sqrt().add(epsilon);
        const change = first.div(size).mul(learningRate / correction1);
        variable.assign(variable.mul(1 - learningRate * weightDecay).sub(change));
      });
    });
  }

  /** Frees the moments. */
  dispose(): void {
    for (const { first, second } of this.moments) tf.dispose([first, second]);
  }
}
