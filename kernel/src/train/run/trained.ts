import { BestRq } from "../../bestrq";
import { AdamW } from "../adamw";
import { CodeUse } from "../metrics";
import type { Recipe } from "../recipe";
import { Normaliser } from "./normaliser";

/** What changes while a run goes on. */
export interface Trained {
  readonly model: BestRq;
  readonly optimizer: AdamW;
  readonly normaliser: Normaliser;
  readonly codeUse: CodeUse;
}

/** All of it before the first step. */
export function untrained({ model: config, seed, optimizer }: Recipe): Trained {
  const model = new BestRq({ ...config, seed });
  const { beta1, beta2, epsilon, weightDecay } = optimizer;
  const variables = model.entries().map(([, variable]) => variable);
  return {
    model,
    optimizer: new AdamW(variables, { beta1, beta2, epsilon, weightDecay }),
    normaliser: new Normaliser(config.mels),
    codeUse: new CodeUse(config.codes),
  };
}

export function disposeTrained({ model, optimizer }: Trained): void {
  model.dispose();
  optimizer.dispose();
}
