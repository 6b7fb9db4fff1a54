// What the tests of this folder share: the backends, and closeness of values.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { backend, tf } from "bestrq/tensor";
import { farthest } from "bestrq/verify/agreement";
import { expect } from "vitest";
import { lackOfSwiftShader, useSwiftShader } from "../../swiftshader";

/**
 * Makes one of the backends under test the current one; `cpu` is TensorFlow.js's plain JavaScript, the reference.
 * `webgpu` runs on SwiftShader, and can be read asynchronously only.
 */
export async function useBackend(name: "tensorflow" | "webgpu" | "wasm" | "cpu"): Promise<void> {
  if (name === "webgpu") useSwiftShader();
  if (name !== "cpu") await backend.use(name);
  else {
    (tf.findBackend("cpu") as unknown as { firstUse: boolean }).firstUse = false; // without its banner
    await tf.setBackend("cpu");
  }
}

/** Backends whose tensors can be read at once. */
export const backends = ["tensorflow", "wasm"] as const;

/**
 * All backends, for every test of what is computed; without `webgpu` where it cannot be had, which one line then says.
 * On one backend alone run tests of what does not depend on it (files, what is drawn, what is refused beforehand), and of
 * what one backend has: compiling, SavedModels, errors of its own. `webgpu` cannot be read at once, and so is left out
 * where that is the subject: a tensor in the middle of a line, an interrupt. SwiftShader takes many times as long as
 * libtensorflow, so that training for a hundred steps is left to that.
 */
export const everyBackend = lackOfSwiftShader ? backends : ([...backends, "webgpu"] as const);

/** Path of a file of the reference vectors, or undefined where they are not beside the checkout. */
export function reference(name: string): string | undefined {
  const path = fileURLToPath(new URL(`../../../../shared/reference/${name}`, import.meta.url));
  return existsSync(path) ? path : undefined;
}

/** The values of what `body` gives, read once all is computed; nothing stays. */
export async function valuesOf(body: () => tf.Tensor[]): Promise<Float32Array[]> {
  const reads: Promise<Float32Array>[] = [];
  tf.tidy(() => {
    for (const tensor of body()) reads.push(tensor.data<"float32">());
  });
  return Promise.all(reads);
}

/** Largest difference, relative to the largest magnitude expected. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  const { difference, magnitude } = farthest(actual, expected);
  return difference / Math.max(magnitude, 1e-30);
}

/** What is held outside JavaScript: TensorFlow's own count of tensors, or bytes on the GPU; 0 on other backends. */
export function handles(): number {
  const current = tf.backend() as { getNumOfTFTensors?: () => number };
  return current.getNumOfTFTensors?.() ?? (tf.memory() as { numBytesInGPU?: number }).numBytesInGPU ?? 0;
}
