/** Speech that training reads utterance by utterance, from a corpus on disk or from recordings in memory. */
export interface FeatureSource {
  /** Seconds of each utterance. */
  readonly seconds: ArrayLike<number>;
  /** Which speech it is, as a short text: a run is resumed on the same alone. */
  readonly fingerprint: string;
  /**
   * Begins to read utterances at once and gives their features when they are there; to be called ahead of need. What
   * cannot be read is left out and named.
   */
  load(indices: readonly number[]): Promise<LoadedFeatures>;
  /** Ends what reads. Nothing may be called afterwards. */
  close(): Promise<void>;
}

/** Features of some utterances, in the order in which they were asked for. */
export interface LoadedFeatures {
  /** Log-mel features of each utterance that could be read, [T, mels] row by row, not normalised. */
  readonly features: readonly Float32Array[];
  readonly mels: number;
  /** What could not be read. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}
