// TensorFlow's error messages, in terms of TensorFlow.js.
import { spawnSync } from "node:child_process";
import { freemem } from "node:os";

/** TensorFlow's names of the element types that TensorFlow.js has too, and their sizes in bytes. */
const types: Record<string, { name: string; bytes: number }> = {
  float: { name: "float32", bytes: 4 },
  int32: { name: "int32", bytes: 4 },
  bool: { name: "bool", bytes: 1 },
  complex64: { name: "complex64", bytes: 8 },
  string: { name: "string", bytes: 24 },
};

/** What TensorFlow says of a failed op, without what it says of itself and without what the caller names already. */
export function plainMessage(message: string): string {
  const text = message
    .replace(/\{\{function_node [^}]*\}\}\s*/g, "")
    .replace(/\s*\[Op:\w*\](\s*name:.*)?\s*$/, "")
    .trim();
  return notAllowed(text) ?? noKernel(text) ?? outOfMemory(text) ?? text;
}

function notAllowed(text: string): string | undefined {
  const match = /^Value for attr '(\w+)' of (\S+) is not in the list of allowed values: (.*)/.exec(text);
  if (!match) return undefined;
  const [, attribute, value, allowed] = match;
  if (value.startsWith('"')) return `${attribute} must be one of ${allowed}, got ${value}`;
  return `it takes ${known(allowed.split(", "))} alone, got ${types[value]?.name ?? value}; cast its inputs first`;
}

function noKernel(text: string): string | undefined {
  if (!text.startsWith("Could not find device for node")) return undefined;
  const registered = [...text.matchAll(/\bT in \[DT_(\w+)\]/g)].map(([, type]) => type.toLowerCase());
  return `it takes ${known(registered)} alone; cast its inputs first`;
}

const known = (names: string[]): string =>
  [...new Set(names.flatMap((name) => types[name]?.name ?? []))].join(", ") || "types that TensorFlow.js lacks";

function outOfMemory(text: string): string | undefined {
  const match = /OOM when allocating tensor with shape\[([\d,]*)\] and type (\w+) on \S*device:(\w+):(\d+)/.exec(text);
  if (!match) return undefined;
  const [, shape, type, device, index] = match;
  const elements = shape.split(",").reduce((product, size) => product * Number(size), 1);
  const free = device === "GPU" ? freeOnGpu(index) : freemem();
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  const remark = Number.isNaN(free) ? "" : `, ${megabytes(free)} are free`;
  return (
    `out of memory: a tensor of shape [${shape}] takes ${megabytes(elements * (types[type]?.bytes ?? 4))} ` +
    `on the ${device}${remark}; take shorter inputs, a smaller batch or a smaller model`
  );
}

/** Free memory of an NVIDIA GPU in bytes, or NaN where nobody tells. */
function freeOnGpu(index: string): number {
  const query = ["--query-gpu=memory.free", "--format=csv,noheader,nounits", `--id=${index}`];
  const { stdout } = spawnSync("nvidia-smi", query, { encoding: "utf8", timeout: 5000 });
  return Number.parseFloat(stdout ?? "") * 2 ** 20;
}
