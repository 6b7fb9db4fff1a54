// Map figures for tests: what five mixers might say about an utterance, the same on every machine.
import type { HeatmapOptions, MapAlong, MapPanel } from "bestrq/figures";
import { numbers } from "./samples";

const frames = { unit: "frame", scale: 0.04 };
const words = ["he", "was", "not", "an", "especially", "fast", "runner", "but", "persistent", "and", "kept", "going"];

/** Tones that change every 0.6 s, with their spectrogram and words. */
export function spoken(seconds: number): MapAlong {
  const next = numbers(5);
  const rate = 8000;
  const mels = 40;
  const count = Math.round(seconds / 0.01);
  const parts = Array.from({ length: Math.ceil(seconds / 0.6) }, () => Math.floor(next() * 30) + 4);
  const values = Float32Array.from({ length: count * mels }, (_, i) => {
    const [time, mel] = [Math.floor(i / mels) * 0.01, i % mels];
    const inside = (time % 0.6) / 0.6;
    const loud = inside < 0.8 ? Math.sin((Math.PI * inside) / 0.8) : 0;
    const pitch = parts[Math.floor(time / 0.6)];
    const harmonics = [1, 2, 3].map((n) => Math.exp(-(((mel - (pitch * n) / 1.6) / 1.8) ** 2)) / n);
    return -6 + 6 * loud * harmonics.reduce((a, b) => a + b) + next() * 0.8;
  });
  const samples = Float32Array.from({ length: seconds * rate }, (_, i) => {
    const time = i / rate;
    const inside = (time % 0.6) / 0.6;
    const loud = inside < 0.8 ? Math.sin((Math.PI * inside) / 0.8) : 0;
    return 0.3 * loud * Math.sin(2 * Math.PI * (100 + 40 * parts[Math.floor(time / 0.6)]) * time);
  });
  const transcript = parts.map((_, index) => ({
    text: words[index % words.length],
    start: index * 0.6,
    end: Math.min(seconds, index * 0.6 + 0.48),
  }));
  return {
    features: { values, frames: count, mels, secondsPerFrame: 0.01 },
    transcript,
    audio: { samples, rate },
  };
}

const shapes: Record<string, (row: number, column: number, layer: number, noise: number, size: number) => number> = {
  mhsa: (row, column, layer, noise) => Math.exp(-Math.abs(row - column) / (4 + 3 * layer)) + 0.02 * noise ** 8,
  hypermixing: (row, column, layer, noise) =>
    (1 + Math.sin(row / (9 + layer))) * (1 + Math.cos(column / 7)) * 0.1 + 0.05 * noise,
  fastformer: (_, column, layer) => 0.01 + 0.2 * (Math.sin(column / (5 + layer)) > 0.97 ? 1 : 0.05),
  summarymixing: (row, column, _, noise, size) => (row === column ? 0.6 : 0.4 / size) * (1 + 0.1 * noise),
  mamba: (row, column, layer) =>
    Math.exp(-Math.abs(row - column) / (row > column ? 30 + 10 * layer : 12)) * (1.2 + Math.sin(column / 11)),
};

/** One map of one mixer. */
export function mixerPanel(mixer: string, size: number, layer = 0, head = 0, checkpoint?: number): MapPanel {
  const next = numbers(1 + layer);
  const values = new Float32Array(size * size);
  const sharp = checkpoint === undefined ? 1 : (checkpoint + 100) / (checkpoint + 500);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const value = shapes[mixer](row, column - 5 * head, layer, next(), size);
      values[row * size + column] = sharp * value + ((1 - sharp) * 3) / size;
    }
  }
  return {
    name: `${mixer}, layer ${layer}`,
    at: { mixer, layer, head: `head ${head + 1}`, ...(checkpoint !== undefined && { checkpoint }) },
    values,
    shape: [size, size],
  };
}

/** The five mixers, each with its layers and heads. */
export function compared(
  size: number,
  layers = 1,
  heads = 1,
  checkpoints: (number | undefined)[] = [undefined],
): HeatmapOptions {
  return {
    title: "Which frame hears which",
    panels: Object.keys(shapes).flatMap((mixer) =>
      checkpoints.flatMap((checkpoint) =>
        Array.from({ length: layers * (mixer === "mamba" ? 1 : heads) }, (_, i) =>
          mixerPanel(mixer, size, i % layers, Math.floor(i / layers), checkpoint),
        ),
      ),
    ),
    x: { label: "input", ...frames },
    y: { label: "output", ...frames },
    colourLabel: "weight",
    along: spoken(Math.round(size * frames.scale)),
  };
}

/** One mixer alone. */
export const alone = (mixer: string, size: number): HeatmapOptions => ({
  ...compared(5),
  title: `${mixer}, layer 0: which frame hears which`,
  panels: [mixerPanel(mixer, size)],
  along: spoken(Math.round(size * frames.scale)),
});
