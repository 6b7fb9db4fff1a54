// Where a SpeechBrain checkpoint of the paper keeps each of our parameters, and how its layout becomes ours.
// Theirs are PyTorch's: a linear weight is [outputs, inputs], a convolution [outputs, inputs, ...].
import type { BestRqConfig } from "./config";
import {
  convolution2d,
  depthwise,
  type Layout,
  part,
  pointwise,
  reread,
  same,
  singleHead,
  swapped,
  transposed,
} from "./layouts";
import type { MixerName, SummaryMixingForm } from "./mixers";

/** A parameter's key in their state dict, and the way between their layout and ours. */
export interface Source extends Layout {
  readonly key: string;
}

type Table = Record<string, Source>;

const pair = (ours: string, theirs: string, layout: Layout = transposed): Table => ({
  [`${ours}.weight`]: { key: `${theirs}.weight`, ...layout },
  [`${ours}.bias`]: { key: `${theirs}.bias`, ...same },
});
const norm = (ours: string, theirs: string) => pair(ours, theirs, same);

const hypernetwork = (ours: string, theirs: string): Table => ({
  [`${ours}.input.weight`]: { key: `${theirs}.fc1_weights`, ...swapped },
  [`${ours}.input.bias`]: { key: `${theirs}.fc1_biases`, ...same },
  [`${ours}.output.weight`]: { key: `${theirs}.fc2_weights`, ...swapped },
  [`${ours}.output.bias`]: { key: `${theirs}.fc2_biases`, ...same },
});

/** Split maps are stored [heads, inputs, outputs] as ours are; with one head it is a plain linear map. */
const split = (ours: string, theirs: string, heads: number): Table =>
  heads > 1
    ? {
        [`${ours}.weight`]: { key: `${theirs}.weights`, ...same },
        [`${ours}.bias`]: { key: `${theirs}.biases`, ...same },
      }
    : {
        [`${ours}.weight`]: { key: `${theirs}.w.weight`, ...singleHead },
        [`${ours}.bias`]: { key: `${theirs}.w.bias`, ...singleHead },
      };

const direction = (ours: string, theirs: string): Table => ({
  [`${ours}.input.weight`]: { key: `${theirs}.in_proj.weight`, ...transposed },
  ...pair(`${ours}.convolution`, `${theirs}.conv1d`, depthwise),
  [`${ours}.select.weight`]: { key: `${theirs}.x_proj.weight`, ...transposed },
  ...pair(`${ours}.step`, `${theirs}.dt_proj`),
  [`${ours}.logDecay`]: { key: `${theirs}.A_log`, ...same },
  [`${ours}.skip`]: { key: `${theirs}.D`, ...same },
  [`${ours}.output.weight`]: { key: `${theirs}.out_proj.weight`, ...transposed },
});

const summaryBranch = (ours: string, theirs: string, heads: number): Table => ({
  ...split(`${ours}.input`, `${theirs}.linear`, heads),
  ...split(`${ours}.output`, `${theirs}.linear_0`, heads),
});

const summaryMixingTables: Record<SummaryMixingForm, (heads: number) => Table> = {
  paper: (heads) => ({
    ...summaryMixingTables.current(heads),
    ...norm("localNorm", "local_norm"),
    ...norm("summaryNorm", "summary_norm"),
  }),
  current: (heads) => ({
    ...summaryBranch("local", "local_proj", heads),
    ...summaryBranch("summary", "summary_proj", heads),
    ...pair("merge", "summary_local_merging.linear.w"),
  }),
  fast: () => ({
    ...pair("both", "global_proj.linear.w"),
    ...pair("merge", "summary_local_merging.linear.w"),
  }),
  lite: (heads) => summaryBranch("summary", "summary_proj", heads),
};

const mixerTables: Record<MixerName, (heads: number, form: SummaryMixingForm) => Table> = {
  mhsa: (heads) => ({
    "query.weight": { key: "in_proj_weight", ...part(0, heads) },
    "key.weight": { key: "in_proj_weight", ...part(1, heads) },
    "value.weight": { key: "in_proj_weight", ...part(2, heads) },
    "position.weight": { key: "linear_pos.weight", ...transposed },
    // Stored [d, H] but read as [H, d], without a transposition.
    contentBias: { key: "pos_bias_u", ...reread },
    positionBias: { key: "pos_bias_v", ...reread },
    ...pair("output", "out_proj"),
  }),
  hypermixing: () => ({
    ...hypernetwork("hypernetwork1", "hyper.w1_gen"),
    ...hypernetwork("hypernetwork2", "hyper.w2_gen"),
    ...norm("norm", "layer_norm"),
  }),
  fastformer: () => ({
    ...pair("query", "query_proj"),
    ...pair("key", "key_proj"),
    ...pair("queryAttention", "query_attn"),
    ...pair("keyAttention", "key_attn"),
    ...pair("output", "out_proj"),
  }),
  summarymixing: (heads, form) => summaryMixingTables[form](heads),
  mamba: () => ({
    "norm.weight": { key: "forward_blocks.0.norm.weight", ...same },
    ...direction("forward", "forward_blocks.0.mixer.mamba_fwd"),
    ...direction("backward", "forward_blocks.0.mixer.mamba_rev"),
  }),
};

/** Paths of a mixer's parameters → their source. */
export const mixerSources = (mixer: MixerName, heads: number, form: SummaryMixingForm = "paper"): Table =>
  mixerTables[mixer](heads, form);

const under = (ours: string, theirs: string, table: Table): Table =>
  Object.fromEntries(
    Object.entries(table).map(([path, source]) => [`${ours}.${path}`, { ...source, key: `${theirs}.${source.key}` }]),
  );

const feedForward = (ours: string, theirs: string): Table => ({
  ...norm(`${ours}.norm`, `${theirs}.0`),
  ...pair(`${ours}.expand`, `${theirs}.1.ffn.0`),
  ...pair(`${ours}.contract`, `${theirs}.1.ffn.3`),
});

/** Paths of a conformer block's parameters → their source. */
export const conformerSources = (mixer: MixerName, heads: number, form?: SummaryMixingForm): Table => ({
  ...feedForward("feedForward1", "ffn_module1"),
  ...norm("mixerNorm", "norm1.norm"),
  ...under("mixer", "mha_layer", mixerSources(mixer, heads, form)),
  ...norm("convolution.norm", "convolution_module.layer_norm"),
  ...pair("convolution.pointwise", "convolution_module.bottleneck.0", pointwise),
  ...pair("convolution.depthwise", "convolution_module.conv", depthwise),
  ...norm("convolution.depthwiseNorm", "convolution_module.after_conv.0"),
  ...pair("convolution.output", "convolution_module.after_conv.2"),
  ...feedForward("feedForward2", "ffn_module2"),
  ...norm("norm", "norm2.norm"),
});

/** Paths of the front end's parameters → their source. */
export const frontEndSources = (blocks = 2): Table =>
  Object.assign(
    {},
    ...Array.from({ length: blocks }, (_, index) => ({
      ...pair(`${index}.convolution`, `convblock_${index}.convs.conv_0.conv`, convolution2d),
      ...norm(`${index}.norm`, `convblock_${index}.convs.norm_0.norm`),
    })),
  );

/** Paths of a whole model's parameters → their source. */
export const modelSources = (config: BestRqConfig): Table => ({
  ...under("frontEnd", "0", frontEndSources(config.channels.length)),
  ...pair("encoder.input", "1.transformer.custom_src_module.layers.0.w"),
  ...Object.assign(
    {},
    ...Array.from({ length: config.layers }, (_, layer) =>
      under(
        `encoder.layers.${layer}`,
        `1.transformer.encoder.layers.${layer}`,
        conformerSources(config.mixer, config.heads, config.summaryMixing.form),
      ),
    ),
  ),
  ...norm("encoder.norm", "1.transformer.encoder.norm.norm"),
  "quantizer.projection": { key: "2.P", ...same },
  "quantizer.codebook": { key: "2.CB", ...same },
  ...pair("head", "3.w"),
});
