import { existsSync } from "node:fs";
import { join } from "node:path";
import { FeaturePool, type FeaturePoolOptions, load } from "../audio";
import { inMemory } from "./inMemory";
import { type Manifest, open } from "./manifest";
import { manifestName } from "./manifestFile";
import type { FeatureSource, LoadedFeatures } from "./source";

/**
 * Reads the speech of a corpus on disk for training: decoding, resampling and filterbanks on threads of their own, while
 * the step before computes. Features do not depend on the number of threads, nor on the backend. A file that is gone,
 * damaged or changed since it was scanned is named in `skipped`, and the others are read.
 *
 * @example
 * const speech = await corpora.scan("data/speech", { file: "out/speech.arrow" });
 * const source = corpora.source(speech, { workers: 2 });
 * const { features, mels } = await source.load([2, 0]);
 * features.map(({ length }) => length / mels); // frames of 10 ms
 * await source.close();
 */
export function source(manifest: Manifest, options: FeaturePoolOptions = {}): FeatureSource {
  const pool = new FeaturePool(options);
  return {
    seconds: manifest.seconds,
    fingerprint: manifest.fingerprint,
    async load(indices): Promise<LoadedFeatures> {
      const files = indices.map((index) => manifest.at(index));
      const results = await pool.extract(files);
      const failed = (result: Float32Array | string): result is string => typeof result === "string";
      return {
        features: results.filter((result): result is Float32Array => !failed(result)),
        mels: pool.mels,
        skipped: results.flatMap((result, i) => (failed(result) ? { path: files[i].path, reason: result } : [])),
      };
    },
    close: () => pool.close(),
  };
}

/**
 * What lies at a path, to train on: a corpus that was scanned, where it is a manifest or a folder that holds one; else the
 * recordings of the folder, read into memory at once.
 *
 * @throws Error where there is neither
 */
export async function sourceAt(path: string, options: FeaturePoolOptions = {}): Promise<FeatureSource> {
  const kept = path.endsWith(".arrow") ? path : join(path, manifestName);
  if (path === kept || existsSync(kept)) return source(open(kept), options);
  return inMemory((await load(path)).utterances, { mels: options.mels });
}
