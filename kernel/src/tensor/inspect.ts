// What notebooks and `console.log` show of a tensor. However large it is, a few values are read.
import { inspect } from "node:util";
import * as tf from "./tf";

const mostValues = 8;
/** Rows and columns of the corner that a notebook shows. */
const [mostRows, mostColumns] = [4, 8];
/** The range is that of all values, or of so many spread over a tensor that has more. */
const [mostRanged, sample] = [2 ** 20, 2 ** 16];

Object.defineProperties(tf.Tensor.prototype, {
  [inspect.custom]: {
    value(this: tf.Tensor): string {
      return this.isDisposed ? `${title(this)} disposed` : `${title(this)} ${firstValues(this)}`.trimEnd();
    },
  },
  // As the result of a cell: read without waiting for the device, which not every backend can.
  [Symbol.for("Jupyter.display")]: {
    async value(this: tf.Tensor) {
      const lines = [this.isDisposed ? `${title(this)} disposed` : title(this)];
      if (!this.isDisposed && this.size > 0) lines.push(...(await rangeOf(this)), ...(await cornerOf(this)));
      return { "text/plain": lines.join("\n") };
    },
  },
});

function title({ dtype, shape }: tf.Tensor): string {
  return `Tensor ${dtype} [${shape.join(", ")}]`;
}

function firstValues(tensor: tf.Tensor): string {
  try {
    const head = () => tensor.flatten().slice(0, Math.min(mostValues, tensor.size)).dataSync();
    return Array.from(tf.tidy(head), String).join(", ") + (tensor.size > mostValues ? ", ..." : "");
  } catch {
    return ""; // a data type that cannot be sliced, or a backend that can be read only asynchronously
  }
}

/** The range, computed where the tensor is; and what is not a number in it. */
async function rangeOf(tensor: tf.Tensor): Promise<string[]> {
  if (tensor.size === 1 || (tensor.dtype !== "float32" && tensor.dtype !== "int32")) return [];
  const count = tensor.size > mostRanged ? sample : tensor.size;
  const [low, high, bad] = await read(() => {
    const values = picked(tensor, count, (index) => Math.floor((index * tensor.size) / count)).cast("float32");
    const finite = values.isFinite();
    const bound = (instead: number) => tf.where(finite, values, tf.fill([count], instead));
    const amiss = finite.logicalNot().cast("float32").sum();
    return tf.stack([bound(Number.MAX_VALUE).min(), bound(-Number.MAX_VALUE).max(), amiss]);
  });
  const of = tensor.size > count ? ` in ${count.toLocaleString("en")} of the values` : "";
  const notFinite = bad ? `, ${bad.toLocaleString("en")} not finite` : "";
  return bad === count ? [`no finite value${of}`] : [`${short(low!)} to ${short(high!)}${of}${notFinite}`];
}

/** The first rows and columns of the last two axes. */
async function cornerOf(tensor: tf.Tensor): Promise<string[]> {
  if (tensor.dtype === "complex64") return [];
  const [rows, columns] = [tensor.shape.at(-2) ?? 1, tensor.shape.at(-1) ?? 1];
  const [height, width] = [Math.min(rows, mostRows), Math.min(columns, mostColumns)];
  const position = (index: number) => Math.floor(index / width) * columns + (index % width);
  const values = await read(() => picked(tensor, height * width, position));
  const cells = values.map(short);
  const longest = Math.max(...cells.map((cell) => cell.length));
  const lines = Array.from({ length: height }, (_, row) => {
    const shown = cells.slice(row * width, (row + 1) * width).map((cell) => cell.padStart(longest));
    return `  ${shown.join("  ")}${columns > width ? "  ..." : ""}`;
  });
  return [...lines, ...(rows > height || tensor.size > rows * columns ? ["  ..."] : [])];
}

/** The values at `count` positions. Gathered, as the wasm backend would copy all of a tensor to slice it. */
function picked(tensor: tf.Tensor, count: number, position: (index: number) => number): tf.Tensor1D {
  const values = tensor.flatten();
  if (tensor.size === count) return values;
  const positions = Int32Array.from({ length: count }, (_, index) => position(index));
  if (tensor.dtype === "float32" || tensor.dtype === "int32") return values.gather(positions) as tf.Tensor1D;
  return tf.concat(Array.from(positions, (at) => values.slice(at, 1))) as tf.Tensor1D; // which wasm cannot gather
}

/** The values of what `compute` gives, which is disposed of. */
async function read(compute: () => tf.Tensor): Promise<Array<number | string>> {
  const result = tf.tidy(compute);
  try {
    return Array.from((await result.data()) as ArrayLike<number | string>);
  } finally {
    result.dispose();
  }
}

function short(value: number | string): string {
  if (typeof value === "string") return JSON.stringify(value.length > 20 ? `${value.slice(0, 19)}…` : value);
  return Number.isInteger(value) && Math.abs(value) < 1e7 ? String(value) : String(Number(value.toPrecision(4)));
}
