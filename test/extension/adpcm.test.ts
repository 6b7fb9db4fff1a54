import { decode } from "bestrq/audio/decode";
import { expect, test } from "vitest";
import { adpcmToWav } from "../../extension/src/map/adpcm";

/** 251 samples of 0.5 sin(i / 7), as figures were saved before. */
const stored =
  "cHd3d3eDgImpubu8y6u7mokgUjQ1RDNDMiMiEJnLzcu8y7usq6kJEEJENCUkMzMjIgGYvL7My8u6u7uqiSBTRDREM0MyIxIBmNvr" +
  "y8u7vLurm4kQNDZEQ0MyMzMiAajbzMy7vMurq6qIEFM0NSUkMzMyIgGo29y7vazLuqoK";

test("adpcmToWav() plays what older figures hold", async () => {
  const wav = adpcmToWav(Buffer.from(stored, "base64"), 8000, 251);
  const { samples, sampleRate } = await decode(new Uint8Array(wav.buffer));
  expect(sampleRate).toBe(8000);
  expect(samples).toHaveLength(251);
  const errors = samples.map((sample, i) => Math.abs(sample - 0.5 * Math.sin(i / 7)));
  expect(Math.max(...errors.slice(20))).toBeLessThan(0.03); // the first steps are small
});

test("adpcmToWav() makes no more samples than there are bytes for", () => {
  expect(adpcmToWav(new Uint8Array(3), 8000, 1e9).byteLength).toBe(44 + 2 * 6);
});
