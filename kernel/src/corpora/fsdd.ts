// Free Spoken Digit Dataset (https://github.com/Jakobovski/free-spoken-digit-dataset): six people say ten digits 50
// times each.
import { type LoadOptions, load, Recordings, Utterance } from "../audio";

/** What the name of a recording in the Free Spoken Digit Dataset says. */
export interface SpokenDigit {
  digit: number;
  speaker: string;
  /** Which repetition. */
  index: number;
  /** The set's own convention: repetitions 0 to 4 are the test. */
  split: "train" | "test";
}

const words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/** Takes `{digit}_{speaker}_{index}` apart, with or without folder and extension; undefined for any other name. */
export function parseDigitName(path: string): SpokenDigit | undefined {
  const match = /(?:^|[\\/])(\d)_([^_\\/]+)_(\d+)(?:\.\w+)?$/.exec(path);
  if (!match) return undefined;
  const index = Number(match[3]);
  return { digit: Number(match[1]), speaker: match[2], index, split: index < 5 ? "test" : "train" };
}

/** Options of {@link loadDigits}. */
export interface LoadDigitsOptions extends LoadOptions {
  /** Only that part of the set; both without it. */
  split?: "train" | "test";
}

/**
 * Loads the Free Spoken Digit Dataset: each utterance has its speaker, and the digit's name as its text.
 *
 * @throws Error where nothing could be read, or no file is named as the set names them
 */
export async function loadDigits(folder: string, { split, ...options }: LoadDigitsOptions = {}): Promise<Recordings> {
  const { utterances, unreadable } = await load(folder, options);
  const digits = utterances.flatMap((utterance) => {
    const digit = parseDigitName(utterance.name);
    if (!digit || (split && digit.split !== split)) return [];
    return new Utterance({ ...utterance, speaker: digit.speaker, text: words[digit.digit] });
  });
  if (digits.length === 0)
    throw new Error(`Cannot load digits: ${folder} must hold files named {digit}_{speaker}_{index}.wav, got none`);
  return new Recordings(digits, unreadable);
}
