// The experiment's results as a table: what each encoder's states tell, before and after pre-training.
import { type MixerName, mixerNames } from "../../bestrq";
import { type Figure, table } from "../../figures";
import { type Margin, margin } from "../accuracy";
import type { DigitResults, DigitRow, Source } from "./results";

/** One line of the table: shares of right guesses, averaged over the seeds. */
export interface DigitSummary {
  /** A mixer, or what takes the place of an encoder. */
  readonly name: string;
  readonly seeds: number;
  readonly digit: number;
  readonly speaker: number;
  /** The same encoders with random weights. */
  readonly randomDigit?: number;
  readonly randomSpeaker?: number;
  /** By how much digits are guessed better than from random weights, and than from the filterbank's mean. */
  readonly aboveRandom?: Margin;
  readonly aboveFilterbank?: Margin;
}

/** A line for each mixer and each filterbank that the results hold. */
export function summarise({ rows }: DigitResults): DigitSummary[] {
  const of = (source: Source, target: DigitRow["target"], mixer?: MixerName) =>
    rows.filter((row) => row.source === source && row.target === target && row.mixer === mixer);
  const filterbank = of("filterbank", "digit");
  const encoders = mixerNames.flatMap((mixer): DigitSummary | never[] => {
    const [digit, random] = [of("pre-trained", "digit", mixer), of("random weights", "digit", mixer)];
    if (digit.length === 0) return [];
    return {
      name: mixer,
      seeds: digit.length,
      digit: mean(digit),
      speaker: mean(of("pre-trained", "speaker", mixer)),
      randomDigit: mean(random),
      randomSpeaker: mean(of("random weights", "speaker", mixer)),
      aboveRandom: margin(digit.map(guesses), random.map(guesses)),
      aboveFilterbank: margin(digit.map(guesses), filterbank.map(guesses)),
    };
  });
  const features = (["filterbank", "filterbank, mean and deviation"] as const).flatMap((source) => {
    const digit = of(source, "digit");
    return digit.length === 0
      ? []
      : { name: source, seeds: 1, digit: mean(digit), speaker: mean(of(source, "speaker")) };
  });
  return [...encoders, ...features];
}

/** The table that stands in the README: shares in %, margins in points with their 95 % interval. */
export function digitTable(results: DigitResults): Figure {
  const share = (value: unknown) => (value === undefined ? "" : (100 * Number(value)).toFixed(1));
  const signed = (value: number) => `${value < 0 ? "" : "+"}${(100 * value).toFixed(1)}`;
  const points = (value: unknown) => {
    if (value === undefined) return "";
    const { share, low, high } = value as Margin;
    return `${signed(share)} (${signed(low)} to ${signed(high)})`;
  };
  return table(summarise(results), {
    columns: [
      { key: "name", label: "states of" },
      { key: "randomDigit", label: "digit, random weights", format: share },
      { key: "digit", label: "digit, pre-trained", format: share },
      { key: "aboveRandom", label: "above random weights", format: points },
      { key: "aboveFilterbank", label: "above filterbank", format: points },
      { key: "randomSpeaker", label: "speaker, random weights", format: share },
      { key: "speaker", label: "speaker, pre-trained", format: share },
    ],
  });
}

const mean = (rows: readonly DigitRow[]) => rows.reduce((sum, { accuracy }) => sum + accuracy, 0) / rows.length;
const guesses = ({ right }: DigitRow): boolean[] => [...right].map((one) => one === "1");
