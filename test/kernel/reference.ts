// Where reference vectors are, and what close to them means.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { tf } from "bestrq/tensor";
import { farthest } from "bestrq/verify/agreement";
import { expect } from "vitest";

/** The project's own vectors. */
export const ownVectors = fileURLToPath(new URL("vectors/", import.meta.url));

/** Every file of vectors: the project's own, and those of the originals where they stand beside the checkout. */
export const vectorFiles = [ownVectors, fileURLToPath(new URL("../../../shared/reference/", import.meta.url))]
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((path) => path.endsWith(".safetensors"));

/**
 * Fails where two tensors differ by more than `tolerance` of the expected one's largest magnitude. They may be disposed of
 * while it waits for their values.
 */
export async function expectClose(
  actual: tf.Tensor,
  expected: tf.Tensor,
  tolerance: number,
  name: string,
): Promise<void> {
  expect(actual.shape, name).toEqual(expected.shape);
  const [got, wanted] = await Promise.all([actual.data(), expected.data()]);
  const { difference, magnitude } = farthest(got, wanted);
  expect(difference, `${name}: largest difference, where the largest magnitude is ${magnitude}`).toBeLessThanOrEqual(
    tolerance * magnitude + 1e-7, // a gradient that is zero by symmetry has rounding alone
  );
}
