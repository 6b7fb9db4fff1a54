import { headName, type Native, type Shown } from "./native";
import { read } from "./plain";

/**
 * β_j, the share of frame j in the global key, which every output frame i hears alike: all rows of a head are the same.
 * Over time, the shares α in the global query and β in the global key.
 */
export async function fastformerMap({ own, frames }: Shown): Promise<Native> {
  const weights = await read(() => ({
    query: own("query weights", { axis: 1 }),
    key: own("key weights", { axis: 1 }),
  }));
  const [heads] = weights.key.shape;
  const of = (all: typeof weights.key, head: number) => all.values.subarray(head * frames, (head + 1) * frames);
  const series = (all: typeof weights.key) =>
    Array.from({ length: heads }, (_, head) => ({ name: headName(head, heads), values: of(all, head) }));
  return {
    panels: series(weights.key).map(({ name, values: row }) => ({
      name,
      shape: [frames, frames] as const,
      values: async () => {
        const values = new Float32Array(frames * frames);
        for (let i = 0; i < frames; i++) values.set(row, i * frames);
        return values;
      },
    })),
    matrices: {
      title: "shares in the global query and in the global key",
      panels: (["query", "key"] as const).map((name) => ({
        name: `${name} weights`,
        shape: [heads, frames] as const,
        values: async () => weights[name].values.slice(),
      })),
      colourLabel: "share",
      y: { label: "head" },
    },
    curves: {
      title: "shares in the global query and in the global key",
      quantities: [
        { label: "query weight α", series: series(weights.query), alike: 1 / frames },
        { label: "key weight β", series: series(weights.key), alike: 1 / frames },
      ],
    },
  };
}
