// What `bestrq verify` prints.
import { displaySymbol, table } from "../figures";
import type { Verdict } from "./verify";

/** One JSON object, for scripts. */
export const asJson = (verdict: Verdict): string =>
  JSON.stringify({
    case: verdict.case,
    output_error: verdict.outputError,
    gradient_error: verdict.gradientError,
    pass: verdict.pass,
  });

/** A table, for people. */
export function asTable(verdicts: readonly Verdict[]): string {
  const error = (value: unknown) => (value === 0 ? "0" : Number.isNaN(value) ? "" : Number(value).toExponential(1));
  const columns = [
    "case",
    { key: "outputError", label: "output error", format: error },
    { key: "gradientError", label: "gradient error", format: error },
    { key: "pass", label: "", format: (pass: unknown) => (pass ? "pass" : "MISS") },
    { key: "worst", label: "furthest off" },
  ];
  const shown = table(verdicts, { columns })[displaySymbol]() as { "text/plain": string };
  return shown["text/plain"];
}
