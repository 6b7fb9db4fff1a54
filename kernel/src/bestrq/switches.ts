// Where the authors' code does something else than it says: each slip is a switch.
import type { Initialisation } from "../nn";

/**
 * The slips of the paper's code that change results. Each is right by default; `paper: true` repeats them all, and
 * checkpoints of SpeechBrain need `symmetricPositions` and `leakPadding`. Two more concern sizes and have no switch:
 * `activation` is Swish and SummaryMixing's widths are 512, 512 and 1024, as the authors' code ran them, where their
 * configuration files say GELU and other widths.
 */
export interface Switches {
  /**
   * What the quantizer normalises a projected frame over: the width of its `code` (default), or `time`, because
   * `F.normalize` was called without an axis (the paper's quantiser.py; put right in SpeechBrain's pull request 2822).
   */
  readonly quantizerNorm: "code" | "time";
  /**
   * Padded frames leak into valid ones: through the depthwise convolution, whose input is not masked (SpeechBrain's
   * Conformer.py), and through Mamba's backward scan, which meets the padding first (the paper's MambaWrapper).
   */
  readonly leakPadding: boolean;
  /**
   * Relative positions of MHSA depend on |i − j|, so that a frame cannot tell what was before from what comes after
   * (SpeechBrain's RelPosEncXL, issue 3070). Checkpoints were trained so.
   */
  readonly symmetricPositions: boolean;
  /**
   * Features are padded to a multiple of 4 frames by zero frames on their left, so that all of them move by up to
   * 30 ms against the audio (the paper's train.py: `F.pad` counts axes from the last). Default: not padded at all.
   */
  readonly leftPadding: boolean;
  /**
   * Sine positions come from tables: 2,500 frames (100 s) at the encoder's input (SpeechBrain's TransformerASR), 3,000
   * (120 s) in HyperMixing. Longer audio is a RangeError. Default: positions for any length.
   */
  readonly finitePositions: boolean;
  /**
   * How parameters begin. `native` (default): as each mixer's authors begin it. `paper`: Xavier-normal for everything
   * in the encoder with more than one axis, Mamba's A and HyperMixing's biases too, since TransformerASR's
   * `_init_params` draws all of them anew. Linear maps outside the mixers are Xavier-normal in both.
   */
  readonly initialisation: Initialisation;
}

/** What is right. */
export const rightSwitches: Switches = {
  quantizerNorm: "code",
  leakPadding: false,
  symmetricPositions: false,
  leftPadding: false,
  finitePositions: false,
  initialisation: "native",
};

/** What the authors' code did. */
export const paperSwitches: Switches = {
  quantizerNorm: "time",
  leakPadding: true,
  symmetricPositions: true,
  leftPadding: true,
  finitePositions: true,
  initialisation: "paper",
};
