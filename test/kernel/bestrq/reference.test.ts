import { BestRq, type MixerName, mixerNames, Quantizer } from "bestrq/bestrq";
import { modelSources } from "bestrq/bestrq/speechbrain";
import { type BackendName, backend, Random, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { expectClose, Reference, referencesExist } from "../reference";

/** The reference's sizes: two layers of width 32 that leak padding as the authors' code does, a fixed quantizer. */
function referenceModel(mixer: MixerName): BestRq {
  const heads = mixer === "summarymixing" ? 1 : 4;
  return new BestRq({
    ...{ mixer, width: 32, layers: 2, heads, feedForward: 64, codes: 64, dropout: 0, layerDrop: 0, paper: true },
    summaryMixing: { localHidden: 24, local: 28, summaryHidden: 20 },
  });
}

describe.runIf(referencesExist).each<BackendName>(["tensorflow", "wasm"])("on %s", (name) => {
  beforeAll(() => backend.use(name));

  test.each(mixerNames)(
    "BestRq with %s equals the original's pre-training step, gradients of all parameters",
    (mixer) => {
      const reference = new Reference(`bestrq_${mixer}`);
      const model = referenceModel(mixer);
      const sources = modelSources(model.config);
      for (const [path, variable] of model.entries()) {
        variable.assign(sources[path].layout(reference.tensor(`param.${sources[path].key}`)));
      }
      const quantizer = new Quantizer({ inputs: 320, codes: 64, codeWidth: 16 }, new Random(1));
      Object.assign(quantizer, { projection: reference.tensor("param.2.P"), codebook: reference.tensor("param.2.CB") });
      Object.assign(model, { quantizer });

      const features = reference.tensor<tf.Tensor3D>("features");
      const lengths = [...reference.tensor("relative_lengths").dataSync()].map(
        (relative) => model.stride * Math.round((relative * features.shape[1]) / model.stride),
      );
      const frames = [...reference.tensor("mask_frames").dataSync()];
      const mask = {
        frames: frames.filter((_, index) => index % 4 === 0).map((frame) => frame / 4),
        noise: reference.tensor<tf.Tensor3D>("noise"),
      };

      expect([...quantizer.targets(features).dataSync()]).toEqual([...reference.tensor("targets").dataSync()]);
      const variables = model.entries().map(([, variable]) => variable);
      const { value, grads } = tf.variableGrads(() => model.loss({ features, lengths }, mask).loss, variables);
      expectClose(value, reference.tensor("loss").reshape([]), 1e-5, "loss");
      for (const [path, variable] of model.entries()) {
        const theirs = sources[path].layout(reference.tensor(`grad.${sources[path].key}`));
        expectClose(grads[variable.name], theirs, 1e-4, `gradient of ${path}`);
      }
    },
  );

  test("Quantizer equals the original", () => {
    const reference = new Reference("quantizer");
    const quantizer = new Quantizer({ inputs: 320, codes: 8192, codeWidth: 16 }, new Random(1));
    Object.assign(quantizer, { projection: reference.tensor("P"), codebook: reference.tensor("CB") });
    const [batch, groups] = reference.tensor("input").shape as number[];
    const features = reference.tensor("input").reshape([batch, groups * 4, 80]) as tf.Tensor3D;
    expect([...quantizer.targets(features).dataSync()]).toEqual([...reference.tensor("ids").dataSync()]);
  });
});
