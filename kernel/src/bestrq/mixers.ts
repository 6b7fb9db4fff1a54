import {
  fastformer,
  hypermixing,
  mamba,
  mhsa,
  type SummaryMixingOptions,
  summarymixing,
  summarymixingFast,
  summarymixingLite,
} from "../mixers";
import type { Mixer } from "../nn";
import type { BestRqConfig } from "./config";

/** Frames for which the authors' HyperMixing has positions: 120 s. */
const hyperMixingTable = 3000;

/**
 * SummaryMixing as the `paper` trained it, as its authors release it today (`current`: no norms), and their shorter
 * `fast` and `lite`.
 */
const summaryMixingForms = {
  paper: summarymixing,
  current: (options: SummaryMixingOptions) => summarymixing({ ...options, norm: false }),
  fast: summarymixingFast,
  lite: summarymixingLite,
} satisfies Record<string, (options: SummaryMixingOptions) => unknown>;

/** The forms of SummaryMixing. */
export type SummaryMixingForm = keyof typeof summaryMixingForms;

/** How a model's configuration becomes each mixer. Another mixer enters the laboratory by a line here. */
const factories = {
  mhsa: ({ width, heads, symmetricPositions }) => mhsa({ width, heads, symmetricPositions }),
  hypermixing: ({ width, heads, feedForward: hidden, finitePositions }) =>
    hypermixing({ width, heads, hidden, maxFrames: finitePositions ? hyperMixingTable : undefined }),
  fastformer: ({ width, heads }) => fastformer({ width, heads }),
  summarymixing: ({ width, heads, activation, summaryMixing: { form = "paper", ...widths } }) =>
    summaryMixingForms[form]({ width, heads, activation, ...widths }),
  mamba: ({ width, leakPadding, mamba: sizes }) => mamba({ ...sizes, width, leakPadding }),
} satisfies Record<string, (config: BestRqConfig) => unknown>;

/** The mixers' names, in the order of the paper. */
export type MixerName = keyof typeof factories;
export const mixerNames = Object.keys(factories) as MixerName[];

/** The mixer that a configuration asks for. */
export const makeMixer = (config: BestRqConfig): Mixer => factories[config.mixer](config) as unknown as Mixer;
