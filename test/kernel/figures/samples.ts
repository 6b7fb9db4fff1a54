// Data for the tests of the figures, always the same.
import { type Displayable, displaySymbol, type MapPanel, type MemoryEvent } from "bestrq/figures";

/** The formats of a figure. */
export const formats = (figure: Displayable) => figure[displaySymbol]() as Record<string, string>;

/** The formats of a figure that may have to be waited for, as one with sound. */
export const awaited = async (figure: Displayable) => (await figure[displaySymbol]()) as Record<string, string>;

/** Numbers from 0 to 1 that look random, the same on every machine. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
}

/** `frames` x `frames` weights near a diagonal, rows summing to one. */
export function attention(frames: number, head: number): MapPanel {
  const values = new Float32Array(frames * frames);
  for (let query = 0; query < frames; query++) {
    const row = values.subarray(query * frames, (query + 1) * frames);
    for (let key = 0; key < frames; key++) row[key] = 1 / (1 + ((key - query - 3 * head) / (3 + head)) ** 2);
    const sum = row.reduce((a, b) => a + b);
    for (let key = 0; key < frames; key++) row[key] /= sum;
  }
  return { name: `head ${head + 1}`, values, shape: [frames, frames] };
}

/** One forward and backward pass of an encoder with that many layers. */
export function memoryEvents(layers: number): MemoryEvent[] {
  const next = numbers(7);
  const events: MemoryEvent[] = [];
  let [timeUs, liveBytes] = [1000, 3_100_003];
  let tensors = 0;
  const kinds: string[] = [];
  const record = (deltaBytes: number, op: string, layer: string, phase: string, tensor = ++tensors) => {
    liveBytes += deltaBytes;
    timeUs += 10 + Math.floor(next() * 100);
    const shape = [2, 101, Math.abs(deltaBytes) / 808];
    kinds[tensor] ??= phase === "backward" ? "gradients" : "activations";
    const kind = kinds[tensor];
    events.push({ timeUs, deltaBytes, liveBytes, op, layer, phase, kind, shape, dtype: "float32", tensor });
    return tensor;
  };
  const blocks = Array.from({ length: layers }, (_, layer) =>
    ["feedForward", "mixer", "convolution"].map((part) => `encoder.${layer}.${part}`),
  );
  const kept: [number, string, number][] = [];
  for (const layer of ["frontEnd", ...blocks.flat(), "head"]) {
    for (let call = 0; call < 4; call++) {
      const bytes = 808 * (20 + Math.floor(next() * 200));
      const tensor = record(bytes, "MatMul", layer, "forward");
      if (next() < 0.4) record(-bytes, "dispose", layer, "forward", tensor);
      else kept.push([bytes, layer, tensor]);
    }
  }
  for (const [bytes, layer, tensor] of kept.reverse()) {
    const gradient = record(bytes, "MatMulGrad", layer, "backward");
    record(-bytes, "dispose", layer, "backward", gradient);
    record(-bytes, "dispose", layer, "backward", tensor);
  }
  return events;
}
