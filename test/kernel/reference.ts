// The reference vectors beside the checkout: `../shared/reference`, made with PyTorch from the original implementations.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Source } from "bestrq/bestrq/speechbrain";
import { type Parameters, parameterEntries, parametersFrom, type Spec } from "bestrq/nn";
import { readSafetensors, tf } from "bestrq/tensor";
import { expect } from "vitest";

const folder = fileURLToPath(new URL("../../../shared/reference/", import.meta.url));

/** Whether the reference vectors stand beside this checkout. */
export const referencesExist = existsSync(folder);

/** One file of vectors, read once; tensors live until the file is closed. */
export class Reference {
  private readonly file;
  readonly metadata: Record<string, string>;

  constructor(name: string) {
    this.file = readSafetensors(`${folder}${name}.safetensors`);
    this.metadata = this.file.metadata;
  }

  tensor<T extends tf.Tensor = tf.Tensor>(name: string): T {
    return this.file.tensor(name) as T;
  }

  number(name: string): number {
    return Number(JSON.parse(this.metadata[name]).toString());
  }

  /** Valid frames of each utterance. */
  lengths(): number[] {
    return [...this.tensor("lengths").dataSync()];
  }

  parameters<S extends Spec>(spec: S, sources: Record<string, Source>): Parameters<S> {
    return parametersFrom(spec, (path) =>
      tf.tidy(() => sources[path].layout(this.tensor(`param.${sources[path].key}`))),
    );
  }

  /**
   * Compares output, input gradient and the gradients of all parameters with the file's.
   * Outputs agree to 1e-5, gradients to 1e-4 of the largest magnitude of the tensor.
   */
  compare(parameters: unknown, sources: Record<string, Source>, apply: (x: tf.Tensor3D) => tf.Tensor): void {
    const entries = parameterEntries(parameters);
    const input = this.tensor<tf.Tensor3D>("input");
    const outputGradient = this.tensor("output_grad");
    const output = tf.tidy(() => apply(input));
    expectClose(output, this.tensor("output"), 1e-5, "output");
    const gradients = tf.grads((x: tf.Tensor) => tf.sum(apply(x as tf.Tensor3D).mul(outputGradient)))([input])[0];
    expectClose(gradients, this.tensor("input_grad"), 1e-4, "input gradient");
    const { grads } = tf.variableGrads(
      () => tf.sum(apply(input).mul(outputGradient)),
      entries.map(([, variable]) => variable),
    );
    for (const [path, variable] of entries) {
      const theirs = sources[path].layout(this.tensor(`grad.${sources[path].key}`));
      expectClose(grads[variable.name], theirs, 1e-4, `gradient of ${path}`);
    }
  }
}

/** Fails where two tensors differ by more than `tolerance` of the expected one's largest magnitude. */
export function expectClose(actual: tf.Tensor, expected: tf.Tensor, tolerance: number, name: string): void {
  expect(actual.shape, name).toEqual(expected.shape);
  const [ours, theirs] = [actual.dataSync(), expected.dataSync()];
  let [worst, largest] = [0, 0];
  for (let i = 0; i < theirs.length; i++) {
    worst = Math.max(worst, Math.abs(ours[i] - theirs[i]));
    largest = Math.max(largest, Math.abs(theirs[i]));
    if (Number.isNaN(ours[i])) worst = Number.POSITIVE_INFINITY;
  }
  expect(worst, `${name}: largest difference, where the largest magnitude is ${largest}`).toBeLessThanOrEqual(
    tolerance * largest + 1e-7, // a gradient that is zero by symmetry has rounding alone
  );
}
