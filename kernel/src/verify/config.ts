import { type BestRqConfig, configure, type MixerName, type SummaryMixingForm } from "../bestrq";
import { type ActivationName, activations } from "../nn";
import type { Settings } from "./settings";

const activationNames = Object.keys(activations) as ActivationName[];
const modes = { SummaryMixing: "paper", "SummaryMixing-fast": "fast", "SummaryMixing-lite": "lite" } as const;

/**
 * Sizes and options that the metadata of a reference tells, under the originals' names. The originals leak padding
 * and have symmetric positions; the quantizer is that of SpeechBrain today.
 */
export function configOf(mixer: MixerName, settings: Settings): BestRqConfig {
  return configure({
    mixer,
    width: settings.number("dim"),
    heads: headsOf(mixer, settings),
    layers: settings.optionalNumber("layers"),
    feedForward: settings.optionalNumber("hypernet_size") ?? settings.optionalNumber("ffn"),
    kernel: settings.optionalNumber("kernel_size") ?? settings.optionalNumber("conv_kernel"),
    codes: settings.optionalNumber("codes"),
    activation: settings.oneOf("activation", activationNames, "swish"),
    summaryMixing: mixer === "summarymixing" ? summaryMixing(ofSummaryMixing(settings)) : undefined,
    mamba: {
      states: settings.optionalNumber("d_state"),
      kernel: settings.optionalNumber("d_conv"),
      expand: settings.optionalNumber("expand"),
      stepRank: settings.optionalNumber("dt_rank"),
      bidirectional: !settings.says("bidirectional", false),
    },
    dropout: 0,
    layerDrop: 0,
    leakPadding: true,
    symmetricPositions: true,
  });
}

/** Its settings stand by themselves, or as a part of those of a conformer. */
const ofSummaryMixing = (settings: Settings): Settings => settings.with("summarymixing");

function headsOf(mixer: MixerName, settings: Settings): number {
  if (mixer === "mamba") return 1; // it has none
  return mixer === "summarymixing"
    ? (ofSummaryMixing(settings).optionalNumber("heads") ?? 1)
    : settings.number("heads");
}

function summaryMixing(settings: Settings): BestRqConfig["summaryMixing"] {
  const mode = modes[settings.oneOf("mode", Object.keys(modes) as (keyof typeof modes)[], "SummaryMixing")];
  const form: SummaryMixingForm = mode === "paper" && settings.says("norm", false) ? "current" : mode;
  const { localHidden, local, summaryHidden } = configure({ mixer: "summarymixing" }).summaryMixing;
  return {
    form,
    localHidden: settings.optionalNumber("local_proj_hid_dim") ?? localHidden,
    local: settings.optionalNumber("local_proj_out_dim") ?? local,
    summaryHidden: settings.optionalNumber("summary_hid_dim") ?? summaryHidden,
    activation: settings.oneOf("activation", activationNames, "gelu"), // the default of its authors' class
  };
}
