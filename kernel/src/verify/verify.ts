import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { filterbank } from "../audio";
import { mixerNames } from "../bestrq";
import { tf } from "../tensor";
import { Agreement, tolerance } from "./agreement";
import { checkConformer, checkFrontEnd, checkMixer } from "./layers";
import { checkModel, checkQuantizer } from "./model";
import { checkSelectiveScan } from "./scan";
import { Vectors } from "./vectors";

/** How one file of reference vectors went. */
export interface Verdict {
  /** The file's name without its ending. */
  readonly case: string;
  /** Largest error of outputs and losses, relative to the largest magnitude of its tensor; each wrong code id is 1. */
  readonly outputError: number;
  /** Likewise of the gradients; 0 where the file has none. */
  readonly gradientError: number;
  /** Outputs and losses within 1e-5, gradients within 1e-4, code ids exact. */
  readonly pass: boolean;
  /** Which output and which gradient are furthest off. */
  readonly worst: string;
  /** Why it could not be compared at all. */
  readonly problem?: string;
}

type Check = (vectors: Vectors, agreement: Agreement) => void;

/** What a file holds is told by how its name begins; for what stands around a mixer, its metadata names the mixer. */
const checks: Record<string, Check> = {
  fbank: checkFilterbank,
  frontend: checkFrontEnd,
  quantizer: checkQuantizer,
  selective_scan: checkSelectiveScan,
  conformer: checkConformer,
  bestrq: checkModel,
  ...Object.fromEntries(mixerNames.map((name) => [name, checkMixer(name)])),
};

/** Waveforms to log-mel features. */
function checkFilterbank(vectors: Vectors, agreement: Agreement): void {
  const features = vectors.tensor("features");
  const [count, samples] = vectors.shape("wav");
  const all = Float32Array.from(vectors.numbers("wav"));
  const waveforms = Array.from({ length: count }, (_, index) => all.slice(index * samples, (index + 1) * samples));
  const mels = features.shape[2];
  agreement.output("features", tf.stack(waveforms.map((waveform) => filterbank(waveform, { mels }))), features);
}

/**
 * Compares our layers with the reference vectors of a folder, file by file: outputs, losses, code ids, and the gradients
 * of the input and of every parameter. Sizes and options come from each file's metadata.
 *
 * @throws Error if the folder cannot be read or holds no .safetensors file
 */
export async function* verify(folder: string): AsyncGenerator<Verdict> {
  const files = readdirSync(folder).filter((name) => name.endsWith(".safetensors"));
  if (files.length === 0) throw new Error(`Cannot verify ${folder}: there is no .safetensors file in it`);
  for (const file of files.sort()) yield await verifyFile(join(folder, file));
}

/** Compares our layer with one file of reference vectors. */
export async function verifyFile(path: string): Promise<Verdict> {
  const name = basename(path, ".safetensors");
  const agreement = new Agreement();
  try {
    const kind = Object.keys(checks).find((each) => `${name}_`.startsWith(`${each}_`));
    if (!kind) throw new RangeError(`its name must begin with one of ${Object.keys(checks).join(", ")}`);
    const vectors = new Vectors(path);
    try {
      tf.tidy(() => checks[kind](vectors, agreement));
    } finally {
      vectors.close();
    }
    const [outputError, output] = await agreement.outputError();
    const [gradientError, gradient] = await agreement.gradientError();
    const pass = outputError <= tolerance.output && gradientError <= tolerance.gradient;
    const worst = [output, gradient && `gradient of ${gradient}`].filter(Boolean).join(", ");
    return { case: name, outputError, gradientError, pass, worst };
  } catch (error) {
    const problem = `Cannot verify ${path}: ${(error as Error).message}`;
    const none = Number.NaN;
    return { case: name, outputError: none, gradientError: none, pass: false, worst: "", problem };
  }
}
