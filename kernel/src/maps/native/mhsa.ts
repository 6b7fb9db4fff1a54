import { attentionOf } from "../../mixers";
import { tf } from "../../tensor";
import { headName, type Native, type Shown } from "./native";
import { inTiles, ofHead, read } from "./plain";

/** Attention: softmax_j(scores_ij). Rows are shares and sum to 1. */
export async function mhsaMap({ own, tap, frames }: Shown): Promise<Native> {
  const time = { axis: 1 };
  const parts = await read(() => ({
    byContent: own("content queries", time),
    byPosition: own("position queries", time),
    keys: own("keys", time),
    // Of i − j from T − 1 down to 1 − T: padding cuts off both ends.
    positions: own("positions").slice([0, tap("keys").shape[2]! - frames, 0], [-1, 2 * frames - 1, -1]),
  }));
  const [heads] = parts.keys.shape;
  const shape = [frames, frames] as const;
  const tensors = (head: number) => ({
    byContent: ofHead(parts.byContent, head),
    byPosition: ofHead(parts.byPosition, head),
    keys: ofHead(parts.keys, head),
    positions: ofHead(parts.positions, head),
    speech: tf.ones([1, 1, 1, frames]) as tf.Tensor4D,
  });
  return {
    panels: Array.from({ length: heads }, (_, head) => ({
      name: headName(head, heads),
      shape,
      values: () => inTiles(shape, () => tensors(head), attentionOf),
    })),
  };
}
