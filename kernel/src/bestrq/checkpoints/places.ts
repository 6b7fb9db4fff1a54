import { tf } from "../../tensor";
import { same } from "../layouts";
import type { BestRq } from "../model";
import { modelSources, type Source } from "../speechbrain";

/** Whose names a checkpoint has: our parameters' paths, or the keys of SpeechBrain's state dict. */
export type Keys = "bestrq" | "speechbrain";

/** One tensor of a checkpoint, and what it is in a model. */
export interface Place {
  readonly key: string;
  /** Its shape in the file. */
  readonly shape: readonly number[];
  /** The model's values, as the file holds them. */
  write(): tf.Tensor;
  /** Takes values of the file into the model. */
  read(values: tf.Tensor): void;
}

/** All that a checkpoint of this model holds: its parameters and its quantizer. */
export function placesOf(model: BestRq, keys: Keys): Place[] {
  const { projection, codebook } = model.quantizer;
  const variables = new Map([
    ...model.entries(),
    ["quantizer.projection", projection] as const,
    ["quantizer.codebook", codebook] as const,
  ]);
  const theirs = keys === "speechbrain" ? modelSources(model.config) : undefined;
  const byKey = new Map<string, { source: Source; variable: tf.Variable }[]>();
  for (const [path, variable] of variables) {
    const source = theirs ? theirs[path] : { key: path, ...same };
    if (!source) throw new Error(`Cannot find the key of ${path} in SpeechBrain's state dict: the table has none`);
    byKey.set(source.key, [...(byKey.get(source.key) ?? []), { source, variable }]);
  }
  return [...byKey].map(([key, parts]) => {
    const write = () => parts[0].source.inverse(...parts.map(({ variable }) => variable));
    return {
      key,
      shape: tf.tidy(() => write().shape),
      write,
      read(values) {
        for (const { source, variable } of parts) variable.assign(source.layout(values));
      },
    };
  });
}
