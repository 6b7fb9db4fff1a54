import { tf } from "../../tensor";
import { headName, type Native, type Shown } from "./native";
import { read } from "./plain";

/**
 * Each frame hears itself through the local branch, all frames through the summary: by the sizes of both at the merge,
 * and of each frame's s(x_t) in the summary. The lite form has no local branch, and all frames hear the summary alone.
 */
export async function summarymixingMap({ own, tap, has, frames }: Shown): Promise<Native> {
  const { contribution, local } = await read(() => {
    const sizes = tf.norm(own("summary", { axis: 0 }), 2, -1); // [T]
    return { contribution: sizes.div(sizes.sum()), local: has("local") ? localShare() : tf.zeros([frames]) };
  });

  /** ‖W_f f_t‖ / (‖W_f f_t‖ + ‖W_s s̄‖): how much of what a frame is given comes from its local branch [T]. */
  function localShare(): tf.Tensor {
    const f = own("local", { axis: 0 }) as tf.Tensor2D; // [T, L]
    const merge = tap("merge") as tf.Tensor2D; // [L + S, D]
    const split = f.shape[1];
    const itself = tf.norm(tf.matMul(f, merge.slice(0, split)), 2, -1); // [T]
    const common = tf.norm(tf.matMul(own("mean summary") as tf.Tensor2D, merge.slice(split)), 2, -1); // [1]
    return itself.div(itself.add(common));
  }

  return {
    panels: [
      {
        name: headName(0, 1),
        shape: [frames, frames],
        values: async () => {
          const values = new Float32Array(frames * frames);
          for (let i = 0; i < frames; i++) {
            const common = 1 - local.values[i];
            for (let j = 0; j < frames; j++) values[i * frames + j] = common * contribution.values[j];
            values[i * frames + i] += local.values[i];
          }
          return values;
        },
      },
    ],
    curves: {
      title: "what goes into the summary, and what comes out",
      quantities: [
        {
          label: "share in the summary",
          series: [{ name: "contribution", values: contribution.values }],
          alike: 1 / frames,
        },
        { label: "share of the local branch", series: [{ name: "local", values: local.values }] },
      ],
    },
  };
}
