import { decode } from "bestrq/audio/decode";
import { packSound } from "bestrq/figures/map/sound";
import { expect, test } from "vitest";

const tone = (length: number, loud: number) =>
  Float32Array.from({ length }, (_, i) => loud * Math.sin(i / 9) * Math.sin(i / 900));

test.each([1, 0.4, 0.01])(
  "packSound() keeps sound as loud as %s within a 500th of the loudest sample",
  async (loud) => {
    const samples = tone(8009, loud);
    const { rate, samples: count, bytes } = await packSound({ samples, rate: 16_000 });
    expect([rate, count]).toEqual([16_000, 8009]);
    const heard = await decode(bytes);
    expect(heard.sampleRate).toBe(16_000);
    expect(heard.samples).toHaveLength(8009);
    const errors = heard.samples.map((sample, i) => Math.abs(sample - samples[i]));
    expect(Math.max(...errors)).toBeLessThan(loud / 500 + 2 ** -16);
    expect(bytes.length).toBeLessThan(4200);
  },
);

test("packSound() tells long recordings more coarsely, and silence in a few bytes", async () => {
  const { rate, samples, bytes } = await packSound({ samples: new Float32Array(1_000_003), rate: 16_000 });
  expect([rate, samples]).toEqual([16_000 / 3, 333_334]);
  expect((await decode(bytes)).samples).toHaveLength(333_334);
  expect(bytes.length).toBeLessThan(5000);
});
