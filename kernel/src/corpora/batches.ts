import { Utterance } from "../audio";
import { type Chooser, shuffle } from "./shuffle";

/** How {@link batches} groups utterances. Give one of `batchSize` and `seconds`, or both. */
export interface BatchOptions {
  /** Utterances in a batch, at most. */
  batchSize?: number;
  /** Speech in a batch, at most (paper: 400 a GPU). One longer utterance makes a batch of its own. */
  seconds?: number;
  /** Shuffles; without it the order stays. The same seed gives the same batches. */
  random?: Chooser;
}

/**
 * Deals all utterances into batches, once each: an epoch.
 *
 * @returns the indices of each batch's utterances
 * @throws RangeError where neither size nor seconds is given, or one is out of range
 */
export function batches(
  utterances: readonly { seconds: number }[],
  { batchSize = Infinity, seconds = Infinity, random }: BatchOptions,
): number[][] {
  if (!(batchSize >= 1) || !(seconds > 0) || (batchSize === Infinity && seconds === Infinity))
    throw new RangeError(
      `Cannot make batches: batchSize (1 or more) or seconds (above 0) must be given, got ${batchSize} and ${seconds}`,
    );
  const dealt: number[][] = [];
  let filled = Infinity; // seconds in the last batch
  const order = [...utterances.keys()];
  for (const index of random ? shuffle(order, random) : order) {
    const one = utterances[index].seconds;
    const last = dealt[dealt.length - 1];
    if (last && last.length < batchSize && filled + one <= seconds) {
      last.push(index);
      filled += one;
    } else {
      dealt.push([index]);
      filled = one;
    }
  }
  return dealt;
}

/** Options of {@link joinUtterances}. */
export interface JoinOptions {
  /** How long the joined utterances are, at most. */
  seconds: number;
  /** Shuffles each speaker's recordings first. */
  random?: Chooser;
}

/**
 * Joins short recordings of one speaker, such as spoken digits, to utterances of up to `seconds`. Their texts are
 * joined, too. What is longer stays as it is.
 *
 * @throws RangeError where `seconds` is not above 0
 */
export function joinUtterances(utterances: readonly Utterance[], { seconds, random }: JoinOptions): Utterance[] {
  if (!(seconds > 0)) throw new RangeError(`Cannot join utterances: seconds must be above 0, got ${seconds}`);
  const bySpeaker = new Map<string | undefined, Utterance[]>();
  for (const utterance of utterances) {
    const own = bySpeaker.get(utterance.speaker);
    if (own) own.push(utterance);
    else bySpeaker.set(utterance.speaker, [utterance]);
  }
  return [...bySpeaker.values()].flatMap((own) =>
    batches(own, { seconds, random }).map((indices) => join(indices.map((index) => own[index]))),
  );
}

function join(parts: Utterance[]): Utterance {
  if (parts.length === 1) return parts[0];
  const waveform = new Float32Array(parts.reduce((sum, part) => sum + part.waveform.length, 0));
  let at = 0;
  for (const part of parts) {
    waveform.set(part.waveform, at);
    at += part.waveform.length;
  }
  const texts = parts.flatMap(({ text }) => text ?? []);
  return new Utterance({
    path: parts[0].path,
    name: parts.map(({ name }) => name).join("+"),
    waveform,
    text: texts.length === parts.length ? texts.join(" ") : undefined,
    speaker: parts[0].speaker,
  });
}
