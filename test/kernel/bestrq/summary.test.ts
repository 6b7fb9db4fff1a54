import { BestRq, mixerNames } from "bestrq/bestrq";
import { displaySymbol } from "bestrq/figures";
import { backend } from "bestrq/tensor";
import { beforeAll, expect, test } from "vitest";

beforeAll(() => backend.use("wasm"));

test.each(mixerNames)("summary() of %s adds up to the model's parameters and operations", (mixer) => {
  const model = new BestRq({ mixer, size: "tiny" });
  const summary = model.summary({ seconds: 3.007 });
  expect(summary.parameters).toBe(model.parameterCount);
  expect(summary.flops).toBe(model.flops(301));
  model.dispose();
});

test("summary() tells the shapes of one utterance, in a notebook and in a terminal", () => {
  const model = new BestRq({ mixer: "mhsa", size: "tiny" });
  const summary = model.summary();
  expect(summary.rows.map(({ layer, output }) => `${layer} ${output.join(" ")}`)).toEqual([
    "frontEnd.0 501 40 16",
    "frontEnd.1 251 20 8",
    "encoder.input 251 72",
    "encoder.layers.0–1.feedForward1 251 72",
    "encoder.layers.0–1.mixer (mhsa) 251 72",
    "encoder.layers.0–1.convolution 251 72",
    "encoder.layers.0–1.feedForward2 251 72",
    "encoder.layers.0–1.norm 251 72",
    "encoder.norm 251 72",
    "head 251 256",
  ]);
  const shown = summary[displaySymbol]();
  expect(shown["text/markdown"]).toContain("| encoder.layers.0–1.mixer (mhsa) | 251 × 72 | 52,560 | 0.104 |");
  expect(shown["text/markdown"]).toContain("| all |  | 195,712 | 0.190 |");
  expect(summary.toString()).toMatch(/^BEST-RQ with mhsa: .* a forward pass over 10 s$/m);
  expect(summary.toString()).toMatch(/^head +251 × 256 +18,688 +0\.009$/m);
  model.dispose();
});

test("summary() refuses a length that is none", () => {
  const model = new BestRq({ mixer: "mhsa", size: "tiny" });
  for (const seconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => model.summary({ seconds })).toThrow(`must be a positive number of seconds, got ${seconds}`);
  }
  model.dispose();
});
