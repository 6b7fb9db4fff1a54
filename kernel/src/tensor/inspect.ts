// What `console.log` and notebooks show of a tensor: its type, its shape and its first values.
import { inspect } from "node:util";
import * as tf from "./tf";

const mostValues = 8;

Object.defineProperty(tf.Tensor.prototype, inspect.custom, {
  value(this: tf.Tensor): string {
    const title = `Tensor ${this.dtype} [${this.shape.join(", ")}]`;
    return this.isDisposed ? `${title} disposed` : `${title} ${firstValues(this)}`.trimEnd();
  },
});

function firstValues(tensor: tf.Tensor): string {
  try {
    const head = () => tensor.flatten().slice(0, Math.min(mostValues, tensor.size)).dataSync();
    return Array.from(tf.tidy(head), String).join(", ") + (tensor.size > mostValues ? ", ..." : "");
  } catch {
    return ""; // a data type that cannot be sliced, or a backend that can be read only asynchronously
  }
}
