// Big maps become one small picture inside the SVG instead of thousands of rectangles.
import { createRequire } from "node:module";
import type { Matrix } from "./matrix";
import { plotting } from "./svg";

const load = createRequire(__filename);

/** Colours of the numbers from `low` to `high`: viridis, or blue to red around zero. */
export type Colours = (value: number) => readonly [red: number, green: number, blue: number];

export function colourScale([low, high]: readonly [number, number], diverging: boolean): Colours {
  const { Plot } = plotting();
  const scheme = diverging
    ? { type: "diverging", scheme: "RdBu", pivot: 0.5, reverse: true }
    : { type: "linear", scheme: "viridis" };
  const scale = Plot.scale({ color: { ...scheme, domain: [0, 1] } }) as { apply(value: number): string };
  const steps = Array.from({ length: 256 }, (_, step) => rgb(scale.apply(step / 255)));
  const span = high - low || 1;
  return (value) => steps[Math.round(Math.min(1, Math.max(0, (value - low) / span)) * 255)];
}

/** A PNG of the map as a data URI. What is not finite is transparent. */
export function picture({ values, rows, columns }: Matrix, colours: Colours, upwards = false): string {
  const { encode } = load("fast-png") as typeof import("fast-png", { with: { "resolution-mode": "import" }});
  const data = new Uint8Array(rows * columns * 4);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = values[row * columns + column];
      const pixel = ((upwards ? rows - 1 - row : row) * columns + column) * 4;
      if (Number.isFinite(value)) data.set([...colours(value), 255], pixel);
    }
  }
  const png = encode({ width: columns, height: rows, data, channels: 4 }, { zlib: { level: 9 } });
  return `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
}

function rgb(colour: string): [number, number, number] {
  const hex = /^#(..)(..)(..)$/.exec(colour);
  const parts = hex ? hex.slice(1).map((part) => Number.parseInt(part, 16)) : (colour.match(/\d+/g) ?? []).map(Number);
  return [parts[0], parts[1], parts[2]];
}
