import { mixerSources } from "bestrq/bestrq/speechbrain";
import {
  fastformer,
  hypermixing,
  mamba,
  mhsa,
  summarymixing,
  summarymixingFast,
  summarymixingLite,
} from "bestrq/mixers";
import type { Mixer } from "bestrq/nn";
import { type BackendName, backend } from "bestrq/tensor";
import { beforeAll, describe, test } from "vitest";
import { batchOf } from "../batch";
import { Reference, referencesExist } from "../reference";

const width = 32;
const cases = {
  mhsa: () => mhsa({ width, heads: 4, symmetricPositions: true }),
  hypermixing: () => hypermixing({ width, heads: 4, hidden: 64 }),
  fastformer: () => fastformer({ width, heads: 4 }),
  summarymixing: () =>
    summarymixing({ width, heads: 4, localHidden: 24, local: 28, summaryHidden: 20, activation: "gelu" }),
  summarymixing_nonorm: () =>
    summarymixing({ width, heads: 4, localHidden: 24, local: 28, summaryHidden: 20, activation: "gelu", norm: false }),
  summarymixing_fast: () => summarymixingFast({ width, local: 32, activation: "gelu" }),
  summarymixing_lite: () => summarymixingLite({ width, heads: 4, summaryHidden: 20, activation: "gelu" }),
  mamba_bidirectional: () => mamba({ width, leakPadding: true }),
  mamba_unidirectional: () => mamba({ width, bidirectional: false, leakPadding: true }),
};

const forms = { nonorm: "current", fast: "fast", lite: "lite" } as const;

describe.runIf(referencesExist).each<BackendName>(["tensorflow", "wasm"])("on %s", (name) => {
  beforeAll(() => backend.use(name));

  test.each(Object.entries(cases))("%s equals the original, forward and gradients", (file, make) => {
    const reference = new Reference(file);
    const mixer = make() as unknown as Mixer;
    const input = reference.tensor("input");
    const [name, form] = file.split("_");
    const sources = mixerSources(name as "mhsa", 4, forms[form as "lite"]);
    const parameters = reference.parameters(mixer.spec, sources);
    const frames = input.shape[1] as number;
    const lengths = file.startsWith("mamba") ? [frames, frames] : reference.lengths();
    reference.compare(parameters, sources, (x) => mixer.apply(parameters, x, batchOf(lengths, frames)));
  });
});
