import { framePositions } from "bestrq/nn";
import { tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { everyBackend, useBackend } from "../tensor/backends";

describe.each(everyBackend)("framePositions() on %s", (name) => {
  beforeAll(() => useBackend(name));

  // In float32 an angle of 90,000 radians is known to 0.004; the rates' own rounding adds about as much.
  test.each([
    ["ten seconds", 250, 14, 1e-4],
    ["ten seconds in an odd width, which lacks the last cosine", 250, 5, 1e-4],
    ["an hour", 90_000, 14, 0.02],
  ])("has the sines of %s, the last frame included", async (_, frames, width, tolerance) => {
    const table = framePositions(frames, width);
    expect(table.shape).toEqual([frames, width]);
    const values = await table.data();
    for (const frame of [0, 1, Math.floor(frames / 3), frames - 2, frames - 1]) {
      for (let i = 0; i < width; i++) {
        const angle = frame * 10_000 ** ((-2 * Math.floor(i / 2)) / width);
        const expected = i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
        const difference = Math.abs(values[frame * width + i] - expected);
        expect(difference, `frame ${frame}, column ${i}`).toBeLessThan(tolerance);
      }
    }
    table.dispose();
  });

  test("throws a RangeError beyond the table that the authors have, and says the way out", () => {
    tf.dispose(framePositions(2500, 2, 2500));
    expect(() => framePositions(2501, 2, 2500)).toThrow(
      new RangeError(
        "Cannot give positions to 2501 frames: the authors' finite table ends after 2500. " +
          "Cut the audio, or leave finitePositions off, which takes any length",
      ),
    );
  });
});
