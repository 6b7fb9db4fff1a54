// The mixers against their definitions, written with loops over plain numbers: slow and obvious. These hold where the
// reference vectors are not at hand.
import { fastformer, hypermixing, mamba, mhsa, summarymixing } from "bestrq/mixers";
import { initialise, type Mixer, parameterEntries } from "bestrq/nn";
import { Random, tf } from "bestrq/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { batchOf } from "../batch";
import { expectClose } from "../reference";
import { everyBackend, useBackend } from "../tensor/backends";

type Row = number[];
type Rows = number[][];
/** A parameter by its path, as nested arrays. */
type Parameter = <A = Rows>(path: string) => A;
type Definition = (x: Rows, p: Parameter) => Rows;

const [frames, width, heads] = [11, 21, 3];
const size = width / heads;

const count = (length: number) => Array.from({ length }, (_, index) => index);
const sum = (values: Row) => values.reduce((total, value) => total + value, 0);
const dot = (a: Row, b: Row) => sum(a.map((value, i) => value * b[i]));
const transposed = (m: Rows): Rows => m[0].map((_, column) => m.map((row) => row[column]));
const product = (a: Rows, b: Rows): Rows => a.map((row) => transposed(b).map((column) => dot(row, column)));
const plus = (a: Rows, b: Rows): Rows => a.map((row, t) => row.map((value, i) => value + b[t][i]));
const affine = (x: Rows, weight: Rows, bias: Row): Rows => product(x, weight).map((row) => plus([row], [bias])[0]);
const each = (m: Rows, f: (value: number) => number): Rows => m.map((row) => row.map(f));
const head = (m: Rows, h: number): Rows => m.map((row) => row.slice(h * size, (h + 1) * size));
const joined = (parts: Rows[]): Rows => parts[0].map((_, t) => parts.flatMap((part) => part[t]));
const softmax = (scores: Row): Row => {
  const exponentials = scores.map((score) => Math.exp(score));
  return exponentials.map((value) => value / sum(exponentials));
};
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const swish = (x: number) => x * sigmoid(x);
/** By its Taylor series; beyond 4 it is 1 to the seventh decimal. */
const erf = (x: number) => {
  if (Math.abs(x) > 4) return Math.sign(x);
  let [term, total] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= -(x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
};
const gelu = (x: number) => (x / 2) * (1 + erf(x / Math.SQRT2));
const layerNorm = (x: Rows, weight: Row, bias: Row): Rows =>
  x.map((row) => {
    const mean = sum(row) / row.length;
    const variance = sum(row.map((value) => (value - mean) ** 2)) / row.length;
    return row.map((value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * weight[i] + bias[i]);
  });
const position = (p: number): Row =>
  count(width).map((i) => (i % 2 ? Math.cos : Math.sin)(p * 10_000 ** ((-2 * Math.floor(i / 2)) / width)));
const linear = (p: Parameter, path: string, x: Rows) => affine(x, p(`${path}.weight`), p<Row>(`${path}.bias`));

const attention: Definition = (x, p) => {
  const [query, key, value] = ["query", "key", "value"].map((name) => product(x, p(`${name}.weight`)));
  const perHead = count(heads).map((h) => {
    const [q, k, v] = [query, key, value].map((all) => head(all, h));
    const weights = q.map((qi, i) => {
      const scores = k.map((kj, j) => {
        const [at] = head(product([position(Math.abs(i - j))], p("position.weight")), h);
        const [content, byPosition] = ["contentBias", "positionBias"].map((name) => plus([qi], [p(name)[h]])[0]);
        return (dot(content, kj) + dot(byPosition, at)) / Math.sqrt(width);
      });
      return softmax(scores);
    });
    return product(weights, v);
  });
  return linear(p, "output", joined(perHead));
};

const mixing: Definition = (x, p) => {
  const positioned = plus(x, count(frames).map(position));
  const perHead = count(heads).map((h) => {
    const [w1, w2] = ["hypernetwork1", "hypernetwork2"].map((network) => {
      const part = (path: string) =>
        [p<Rows[]>(`${network}.${path}.weight`)[h], p(`${network}.${path}.bias`)[h]] as const;
      return affine(each(affine(head(positioned, h), ...part("input")), gelu), ...part("output"));
    });
    return product(w2, each(product(transposed(w1), head(x, h)), gelu));
  });
  return layerNorm(joined(perHead), p<Row>("norm.weight"), p<Row>("norm.bias"));
};

const additive: Definition = (x, p) => {
  const pool = (scores: Rows, values: Rows): Row =>
    count(heads).flatMap((h) => {
      const weights = softmax(scores.map((row) => row[h] / Math.sqrt(size)));
      return product([weights], head(values, h))[0];
    });
  const q = linear(p, "query", x);
  const globalQuery = pool(linear(p, "queryAttention", q), q);
  const keys = linear(p, "key", x).map((row) => row.map((value, i) => value * globalQuery[i]));
  const globalKey = pool(linear(p, "keyAttention", keys), keys);
  const mixed = q.map((row) => row.map((value, i) => value * globalKey[i]));
  return plus(linear(p, "output", mixed), q);
};

const summary: Definition = (x, p) => {
  const layer = (path: string, input: Rows) =>
    each(affine(input, p<Rows[]>(`${path}.weight`)[0], p(`${path}.bias`)[0]), swish);
  const norm = (path: string, input: Rows) => layerNorm(input, p<Row>(`${path}.weight`), p<Row>(`${path}.bias`));
  const local = norm("localNorm", layer("local.output", layer("local.input", x)));
  const ofFrames = layer("summary.output", layer("summary.input", x));
  const [mean] = norm("summaryNorm", [transposed(ofFrames).map((column) => sum(column) / frames)]);
  return each(
    linear(
      p,
      "merge",
      local.map((row) => [...row, ...mean]),
    ),
    swish,
  );
};

const selective: Definition = (x, p) => {
  const scan = (u: Rows, at: (path: string) => Rows): Rows => {
    const expanded = product(u, at("input.weight"));
    const inner = expanded[0].length / 2;
    const [kernel, bias] = [at("convolution.weight"), at("convolution.bias") as unknown as Row];
    const signal = u.map((_, t) =>
      count(inner).map((e) =>
        swish(bias[e] + sum(kernel.map((tap, k) => tap[e] * (expanded[t + k - kernel.length + 1]?.[e] ?? 0)))),
      ),
    );
    const selected = product(signal, at("select.weight"));
    const states = at("logDecay")[0].length;
    const rank = selected[0].length - 2 * states;
    const steps = affine(
      selected.map((row) => row.slice(0, rank)),
      at("step.weight"),
      at("step.bias") as unknown as Row,
    );
    const state = count(inner).map(() => count(states).map(() => 0));
    const gated = signal.map((row, t) =>
      row.map((value, e) => {
        const step = Math.log1p(Math.exp(steps[t][e]));
        const outputs = state[e].map((held, n) => {
          state[e][n] = Math.exp(-step * Math.exp(at("logDecay")[e][n])) * held + step * selected[t][rank + n] * value;
          return selected[t][rank + states + n] * state[e][n];
        });
        return (sum(outputs) + (at("skip") as unknown as Row)[e] * value) * swish(expanded[t][inner + e]);
      }),
    );
    return product(gated, at("output.weight"));
  };
  const u = x.map((row) => {
    const scale = 1 / Math.sqrt(dot(row, row) / width + 1e-5);
    return row.map((value, i) => value * scale * p<Row>("norm.weight")[i]);
  });
  const forward = scan(u, (path) => p(`forward.${path}`));
  const backward = scan([...u].reverse(), (path) => p(`backward.${path}`)).reverse();
  return plus(x, plus(forward, backward));
};

/** Positions tell how far a frame is, not on which side, as in all checkpoints of the authors. */
const symmetric = { width, heads, symmetricPositions: true };

const cases: Record<string, [Mixer, Definition]> = {
  mhsa: [mhsa(symmetric) as unknown as Mixer, attention],
  hypermixing: [hypermixing({ width, heads, hidden: 15 }) as unknown as Mixer, mixing],
  fastformer: [fastformer({ width, heads }) as unknown as Mixer, additive],
  summarymixing: [summarymixing({ width, localHidden: 13, local: 17, summaryHidden: 19 }) as unknown as Mixer, summary],
  mamba: [mamba({ width, states: 5 }) as unknown as Mixer, selective],
};

describe.each(everyBackend)("on %s", (name) => {
  beforeAll(() => useBackend(name));

  test.each(Object.entries(cases))("%s is what its equations say", async (_, [mixer, definition]) => {
    const random = new Random(20_261_123);
    const parameters = initialise(mixer.spec, random);
    for (const [, variable] of parameterEntries(parameters)) variable.assign(random.normal(variable.shape, 0, 0.4));
    const values = new Map<string, unknown>();
    for (const [path, variable] of parameterEntries(parameters)) values.set(path, await variable.array());
    const asked = new Set<string>();
    const parameter: Parameter = <A>(path: string) => {
      asked.add(path);
      return values.get(path) as A;
    };
    const x = random.normal([1, frames, width], 0, 1) as tf.Tensor3D;
    const got = mixer.apply(parameters, x, batchOf([frames], frames));
    const wanted = definition((await x.array())[0], parameter);
    await expectClose(got, tf.tensor3d([wanted]), 1e-5, "output");
    expect([...asked].sort()).toEqual([...values.keys()].sort());
  });
});
