import type { tf } from "../../tensor";
import type { FrameMapFields, FrameQuantity, Panel } from "../frameMap";

/** What a mixer showed while it ran. */
export interface Shown {
  /** Encoder frames of the utterance that are not padding. */
  readonly frames: number;
  /**
   * A tensor that the mixer tapped.
   * @throws Error where there is none of this name
   */
  tap(name: string): tf.Tensor;
  has(name: string): boolean;
  /** The utterance's part of a tapped tensor [B, ...], without the axis of the batch; `frames` names the axis of frames. */
  own(name: string, frames?: { axis: number; reversed?: boolean }): tf.Tensor;
  /** A channel of Mamba, where one alone is wanted. */
  readonly channel?: number;
}

/** What a mechanism itself says about which frame hears which. */
export interface Native {
  /** One matrix [T, T] per head. */
  readonly panels: readonly Panel[];
  /** Rows are magnitudes unless this says that they have signs. */
  readonly diverging?: boolean;
  /** Other matrices of the mechanism. */
  readonly matrices?: Pick<FrameMapFields, "title" | "panels" | "colourLabel" | "x" | "y" | "diverging">;
  /** What it says of each frame. */
  readonly curves?: { readonly title: string; readonly quantities: readonly FrameQuantity[] };
}

/** `head 1` of several, `all heads` of one. */
export const headName = (head: number, heads: number): string => (heads === 1 ? "all heads" : `head ${head + 1}`);
