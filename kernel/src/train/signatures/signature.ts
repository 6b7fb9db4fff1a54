/** A sign that training goes wrong, told once when it begins. */
export interface Signature {
  readonly name: SignatureName;
  /** At which step it was seen; 0 before the first. */
  readonly step: number;
  /** One line: what happened, what the paper's authors did in such a case, what to try, and where to read on. */
  readonly message: string;
}

/** Each has a page of its name in `kernel/docs/signatures`. */
export const signatureNames = [
  "batch-too-large",
  "code-collapse",
  "divergence",
  "gradient-growth",
  "loss-spike",
  "not-finite",
  "over-aggregation",
  "plateau-at-chance",
] as const;
export type SignatureName = (typeof signatureNames)[number];
