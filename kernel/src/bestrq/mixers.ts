import { fastformer, hypermixing, mamba, mhsa, summarymixing } from "../mixers";
import type { Mixer } from "../nn";
import type { BestRqConfig } from "./config";

/** How a model's configuration becomes each mixer. Another mixer enters the laboratory by a line here. */
const factories = {
  mhsa: ({ width, heads }) => mhsa({ width, heads }),
  hypermixing: ({ width, heads, feedForward }) => hypermixing({ width, heads, hidden: feedForward }),
  fastformer: ({ width, heads }) => fastformer({ width, heads }),
  summarymixing: ({ width, heads, activation, summaryMixing }) =>
    summarymixing({ width, heads, activation, ...summaryMixing }),
  mamba: ({ width, paper }) => mamba({ width, leakPadding: paper }),
} satisfies Record<string, (config: BestRqConfig) => unknown>;

/** The mixers' names, in the order of the paper. */
export type MixerName = keyof typeof factories;
export const mixerNames = Object.keys(factories) as MixerName[];

/** The mixer that a configuration asks for. */
export const makeMixer = (config: BestRqConfig): Mixer => factories[config.mixer](config) as unknown as Mixer;
