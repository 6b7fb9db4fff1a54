import { tf } from "../../tensor";
import { headName, type Native, type Shown } from "./native";
import { inTiles, ofHead, read } from "./plain";

/**
 * |W₂ diag(g) W₁ᵀ|: the mixing matrices around the slope g of the GELU at this utterance, averaged over the features.
 * Its other matrices are W₁ and W₂ themselves [T, K].
 */
export async function hypermixingMap({ own, frames }: Shown): Promise<Native> {
  const { w1, w2, slope } = await read(() => ({
    w1: own("mixing 1", { axis: 1 }),
    w2: own("mixing 2", { axis: 1 }),
    slope: geluSlope(own("mixed")).mean(-1).expandDims(1), // [H, 1, K]
  }));
  const [heads, , hidden] = w1.shape;
  const shape = [frames, frames] as const;
  const each = Array.from({ length: heads }, (_, head) => head);
  const tensors = (head: number) => ({
    weighted: ofHead(w2, head).mul<tf.Tensor4D>(ofHead(slope, head)),
    w1: ofHead(w1, head),
  });
  const matrix = (name: string, all: typeof w1, head: number) => ({
    name: `${name}, ${headName(head, heads)}`,
    shape: [frames, hidden] as const,
    values: async () => all.values.slice(head * frames * hidden, (head + 1) * frames * hidden),
  });
  return {
    panels: each.map((head) => ({
      name: headName(head, heads),
      shape,
      values: () =>
        inTiles(
          shape,
          () => tensors(head),
          ({ weighted, w1 }, first, rows) =>
            tf.abs(tf.matMul(weighted.slice([0, 0, first, 0], [-1, -1, rows, -1]), w1, false, true)),
        ),
    })),
    matrices: {
      title: "mixing matrices",
      panels: [...each.map((head) => matrix("W₁", w1, head)), ...each.map((head) => matrix("W₂", w2, head))],
      colourLabel: "weight",
      x: { label: "hidden unit" },
      diverging: true,
    },
  };
}

/** d/dx of x Φ(x): Φ(x) + x φ(x). */
const geluSlope = (x: tf.Tensor): tf.Tensor =>
  tf
    .erf(x.mul(Math.SQRT1_2))
    .add(1)
    .div(2)
    .add(x.mul(tf.exp(x.square().div(-2))).mul(1 / Math.sqrt(2 * Math.PI)));
