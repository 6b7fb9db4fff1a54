// The experiment's results as a table: what each encoder's states tell, before and after pre-training.
import { mixerNames } from "../../bestrq";
import { type Figure, table } from "../../figures";
import { type Margin, margin } from "../accuracy";
import type { DigitResults, DigitRow } from "./results";

/**
 * A line for each mixer and for the filterbank: shares of right guesses in %, averaged over the seeds, and by how many
 * points digits are guessed better after pre-training, with the 95 % confidence interval of the paired difference.
 */
export function digitTable({ rows }: DigitResults): Figure {
  const of = (source: DigitRow["source"], target: DigitRow["target"], mixer?: string) =>
    rows.filter((row) => row.source === source && row.target === target && row.mixer === mixer);
  const beside = (digit: readonly DigitRow[], others: readonly DigitRow[]) =>
    margin([guesses(digit)], [guesses(digit.flatMap(({ seed }) => others.filter((one) => one.seed === seed)))]);
  const encoders = mixerNames.flatMap((mixer) => {
    const [digit, random] = [of("pre-trained", "digit", mixer), of("random weights", "digit", mixer)];
    if (digit.length === 0) return [];
    return {
      name: mixer,
      random: mean(random),
      digit: mean(digit),
      aboveRandom: beside(digit, random),
      aboveFilterbank: beside(digit, of("filterbank", "digit")),
      randomSpeaker: mean(of("random weights", "speaker", mixer)),
      speaker: mean(of("pre-trained", "speaker", mixer)),
    };
  });
  const features = (["filterbank", "filterbank, mean and deviation"] as const).map((name) => ({
    name,
    digit: mean(of(name, "digit")),
    speaker: mean(of(name, "speaker")),
  }));
  return table([...encoders, ...features], {
    columns: [
      { key: "name", label: "states of" },
      { key: "random", label: "digit, random weights", format: percent },
      { key: "digit", label: "digit, pre-trained", format: percent },
      { key: "aboveRandom", label: "above random weights", format: points },
      { key: "aboveFilterbank", label: "above filterbank", format: points },
      { key: "randomSpeaker", label: "speaker, random weights", format: percent },
      { key: "speaker", label: "speaker, pre-trained", format: percent },
    ],
  });
}

const percent = (share: unknown) => (share === undefined ? "" : (100 * Number(share)).toFixed(1));

/** `+3.1 (+1.4 to +4.8)` */
function points(difference: unknown): string {
  if (difference === undefined) return "";
  const { share, low, high } = difference as Margin;
  const signed = (value: number) => `${value < 0 ? "" : "+"}${(100 * value).toFixed(1)}`;
  return `${signed(share)} (${signed(low)} to ${signed(high)})`;
}

const mean = (rows: readonly DigitRow[]) => rows.reduce((sum, { accuracy }) => sum + accuracy, 0) / rows.length;
const guesses = (rows: readonly DigitRow[]) => rows.flatMap(({ right }) => [...right].map((one) => one === "1"));
