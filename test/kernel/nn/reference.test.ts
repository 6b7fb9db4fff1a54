import { frontEnd } from "bestrq/bestrq/frontEnd";
import { conformerSources, frontEndSources } from "bestrq/bestrq/speechbrain";
import { fastformer, hypermixing, mamba, mhsa, summarymixing } from "bestrq/mixers";
import { conformer, type Mixer } from "bestrq/nn";
import { type BackendName, backend } from "bestrq/tensor";
import { beforeAll, describe, test } from "vitest";
import { batchOf } from "../batch";
import { Reference, referencesExist } from "../reference";

const width = 32;
const mixers = {
  mhsa: () => mhsa({ width, heads: 4, symmetricPositions: true }),
  hypermixing: () => hypermixing({ width, heads: 4, hidden: 64 }),
  fastformer: () => fastformer({ width, heads: 4 }),
  summarymixing: () => summarymixing({ width, localHidden: 24, local: 28, summaryHidden: 20 }),
  mamba: () => mamba({ width, leakPadding: true }),
};

describe.runIf(referencesExist).each<BackendName>(["tensorflow", "wasm"])("on %s", (name) => {
  beforeAll(() => backend.use(name));

  test.each(Object.entries(mixers))(
    "conformer around %s equals the original in its leaking form",
    (mixerName, make) => {
      const reference = new Reference(`conformer_${mixerName}`);
      const options = { width, feedForward: 64, kernel: 31, activation: "swish", leakPadding: true } as const;
      const block = conformer(make() as unknown as Mixer, options);
      const sources = conformerSources(mixerName as "mhsa", mixerName === "summarymixing" ? 1 : 4);
      const parameters = reference.parameters(block.spec, sources);
      const frames = reference.tensor("input").shape[1] as number;
      const batch = batchOf(reference.lengths(), frames);
      reference.compare(parameters, sources, (x) => block.apply(parameters, x, batch));
    },
  );

  test("frontEnd equals the original", () => {
    const reference = new Reference("frontend");
    const front = frontEnd(80, [128, 32]);
    const parameters = reference.parameters(front.spec, frontEndSources());
    const shape = reference.tensor("output").shape;
    reference.compare(parameters, frontEndSources(), (x) =>
      front.apply(parameters, x, (dropped) => dropped).reshape(shape),
    );
  });
});
