import { BestRq, mixerNames } from "bestrq/bestrq";
import { memory, plan } from "bestrq/profile";
import { workOf } from "bestrq/profile/work";
import { backend } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";

const cases = mixerNames.flatMap((mixer) =>
  [
    { seconds: 0.53, batch: 1, train: false },
    { seconds: 3.07, batch: 3, train: false },
    { seconds: 1.31, batch: 2, train: true },
  ].map((work) => ({ mixer, ...work })),
);

describe.each(["tensorflow", "wasm"] as const)("plan() beside the ledger on %s", (name) => {
  beforeAll(() => backend.use(name));

  test.each(cases)("peaks at the same byte: $mixer, $batch × $seconds s, train $train", async ({ mixer, ...work }) => {
    const options = { mixer, size: "tiny", dropout: 0.1, layerDrop: 0 } as const;
    const planned = plan(options, work);
    const model = new BestRq(options);
    const { held, run } = workOf(model, work);
    const recorded = await memory(run, { held });
    expect(planned.peakBytes).toBe(recorded.peakBytes);
    expect(planned.atPeak).toEqual(recorded.atPeak);
    model.dispose();
  });
});
