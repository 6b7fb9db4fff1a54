import { registerTensorFlow } from "bestrq/tensor/tensorflow";
import { describe, expect, test } from "vitest";

describe("registerTensorFlow()", () => {
  test("opens TensorFlow with a number of threads, once", async () => {
    const binding = await registerTensorFlow(3);
    expect(binding.context.threads).toBe(3);
    expect(await registerTensorFlow(3)).toBe(binding);
    expect(await registerTensorFlow()).toBe(binding);
  });

  test("refuses another number later, and says what to do", async () => {
    await expect(registerTensorFlow(5)).rejects.toThrow(
      /^Cannot change the number of threads to 5: TensorFlow was started with 3, .*; restart the kernel/,
    );
  });

  test("refuses what is no number of threads", async () => {
    for (const threads of [0, 1.5, Number.NaN])
      await expect(registerTensorFlow(threads)).rejects.toThrow(
        new RangeError(`Cannot set the number of threads: threads must be a whole number from 1, got ${threads}`),
      );
  });
});
