// What the tests of this folder share: the CPU backends, and closeness of values.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { backend, tf } from "bestrq/tensor";
import { farthest } from "bestrq/verify/agreement";
import { expect } from "vitest";

/** Makes one of the backends under test the current one; `cpu` is TensorFlow.js's plain JavaScript, the reference. */
export async function useBackend(name: "tensorflow" | "wasm" | "cpu"): Promise<void> {
  if (name !== "cpu") await backend.use(name);
  else {
    (tf.findBackend("cpu") as unknown as { firstUse: boolean }).firstUse = false; // without its banner
    await tf.setBackend("cpu");
  }
}

export const backends = ["tensorflow", "wasm"] as const;

/** Path of a file of the reference vectors, or undefined where they are not beside the checkout. */
export function reference(name: string): string | undefined {
  const path = fileURLToPath(new URL(`../../../../shared/reference/${name}`, import.meta.url));
  return existsSync(path) ? path : undefined;
}

/** Largest difference, relative to the largest magnitude expected. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  const { difference, magnitude } = farthest(actual, expected);
  return difference / Math.max(magnitude, 1e-30);
}

/** TensorFlow's own count of tensors; 0 on backends that keep none outside JavaScript. */
export function handles(): number {
  const current = tf.backend() as { getNumOfTFTensors?: () => number };
  return current.getNumOfTFTensors?.() ?? 0;
}
