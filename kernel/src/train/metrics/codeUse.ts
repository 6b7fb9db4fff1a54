/**
 * How much of the codebook is in use: which codes were the target of a masked frame, and which were guessed for one,
 * within the last steps. One batch alone has fewer masked frames than a codebook has codes.
 *
 * @example
 * const use = new train.CodeUse(256);
 * use.add([3, 3, 7, 8], [3, 3, 3, 3]); // for each batch of a step
 * use.shares(1); // { codesInUse: 3 / 256, codesGuessed: 1 / 256 }
 */
export class CodeUse {
  /**
   * [2, codes]: how often each code was a target and was guessed since the last {@link shares}. Where several processes
   * make a step together, these are summed over them first.
   */
  readonly counts: Float32Array;
  /** [2, codes]: the step at which each was last seen, 0 if never. All there is to store, to go on from a checkpoint. */
  readonly lastSeen: Int32Array;

  /** @param window steps that count as the last ones */
  constructor(
    private readonly codes: number,
    private readonly window = 100,
  ) {
    this.counts = new Float32Array(2 * codes);
    this.lastSeen = new Int32Array(2 * codes);
  }

  /** Counts the codes of a batch's masked frames: what they are, and what the model takes them for. */
  add(targets: ArrayLike<number>, guesses: ArrayLike<number>): void {
    for (let i = 0; i < targets.length; i++) this.counts[targets[i]]++;
    for (let i = 0; i < guesses.length; i++) this.counts[this.codes + guesses[i]]++;
  }

  /** Ends a step: shares of the codebook in the last steps, this one included. */
  shares(step: number): { codesInUse: number; codesGuessed: number } {
    const { counts, lastSeen, codes, window } = this;
    const seen = [0, 0];
    for (let i = 0; i < counts.length; i++) {
      if (counts[i] > 0) lastSeen[i] = step;
      if (lastSeen[i] > 0 && lastSeen[i] > step - window) seen[i < codes ? 0 : 1]++;
    }
    counts.fill(0);
    return { codesInUse: seen[0] / codes, codesGuessed: seen[1] / codes };
  }
}
