import { decodeSound, encodeSound } from "bestrq/figures/map/adpcm";
import { expect, test } from "vitest";

test("sound in four bits per sample stays close to what it was", () => {
  const samples = Float32Array.from({ length: 8009 }, (_, i) => 0.4 * Math.sin(i / 9) * Math.sin(i / 900));
  const bytes = encodeSound(samples);
  expect(bytes).toHaveLength(4005);
  const heard = decodeSound(bytes, samples.length);
  expect(heard).toHaveLength(8009);
  const power = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
  expect(power(heard.map((value, i) => value - samples[i])) / power(samples)).toBeLessThan(0.003);
});

test("decodeSound() makes no more samples than there are bytes for", () => {
  expect(decodeSound(new Uint8Array(3), 1e9)).toHaveLength(6);
});
