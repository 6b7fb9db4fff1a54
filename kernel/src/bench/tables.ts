// What a person reads: results in a terminal.

import { bytes, type Column, displaySymbol, table } from "../figures";
import type { Limit } from "./apart";
import { compared, comparisonsIn, isOurs, isPeer, peerOf, summaries } from "./comparison";
import type { Measurement, Result } from "./measurement";

const barLength = 16;

/** A table for each kind of work, and below it the ratios to the other program, if there is one. */
export function asText(results: readonly Result[], { engine, gflops_per_s }: Limit): string {
  const about = `${engine.name} ${engine.version} on the ${engine.device}, ${engine.threads} threads, limit ${Math.round(gflops_per_s)} GFLOP/s`;
  const ours = results.filter(isOurs);
  const works = [...new Set(ours.map(({ work }) => work))];
  return works.map((work) => ofWork(work, ours.filter((one) => one.work === work), results, about)).join("\n\n"); // biome-ignore format: one line
}

function ofWork(
  work: Measurement["work"],
  ours: readonly Measurement[],
  results: readonly Result[],
  about: string,
): string {
  const slowest = (seconds: number) => Math.max(...ours.filter((one) => one.seconds === seconds).map((one) => one.best_s)); // biome-ignore format: one line
  const rows = ours.map((one) => {
    const peer = peerOf(one, results);
    const beside = peer && { theirs: peer.best_s, ...compared(one, peer) };
    return { ...one, ...beside, bar: "█".repeat(Math.round((barLength * one.best_s) / slowest(one.seconds))) };
  });
  const time = (value: unknown) => (value === undefined ? "" : Number(value).toFixed(3));
  const withPeer = ours.some((one) => peerOf(one, results));
  const columns = [
    "mixer",
    { key: "seconds", label: "input", format: (value: unknown) => `${value} s` },
    { key: "best_s", label: "best s", format: time },
    { key: "median_s", label: "median", format: time },
    { key: "worst_s", label: "worst", format: time },
    { key: "first_s", label: "first", format: time },
    { key: "compile_s", label: "compile", format: time },
    { key: "limit_share", label: "of limit", format: percent },
    { key: "peak_bytes", label: "tensors", format: (value: unknown) => (value === null ? "?" : bytes(Number(value))) },
    { key: "peak_rss_mib", label: "RSS", format: (value: unknown) => bytes(Number(value) * 2 ** 20) },
    ...(withPeer
      ? [
          { key: "theirs", label: results.find(isPeer)?.peer, format: time },
          { key: "ratio", format: (value: unknown) => (value === undefined ? "" : Number(value).toFixed(2)) },
          { key: "rss_ratio", label: "of RSS", format: (value: unknown) => (value ? Number(value).toFixed(2) : "") },
        ]
      : []),
    { key: "bar", label: "" },
  ];
  const { size, batch } = ours[0];
  const lines = [`${work}, ${size}, batch ${batch}: ${about}`, "", printedTable(rows, columns)];
  const [summary] = summaries(comparisonsIn(results).filter((one) => one.work === work));
  if (summary) lines.push("", summarySentence(summary));
  return lines.join("\n");
}

/** A table as a terminal shows it. */
export const printedTable = (rows: readonly object[], columns: readonly (string | Column)[]): string =>
  (table(rows, { columns })[displaySymbol]() as { "text/plain": string })["text/plain"];

const percent = (value: unknown) => `${Math.round(100 * Number(value))} %`;

/** `ours / torch 2.15.0: 0.78 in the geometric mean of 15 cases, 0.98 at worst (mhsa, 80 s), mamba 0.35` */
export function summarySentence({
  peer,
  cases,
  geometric_mean,
  worst,
  worst_case,
  mamba,
}: ReturnType<typeof summaries>[number]): string {
  const of = `${geometric_mean.toFixed(2)} in the geometric mean of ${cases} cases, ${worst.toFixed(2)} at worst (${worst_case})`;
  return `ours / ${peer}: ${of}${mamba === null ? "" : `, mamba ${mamba.toFixed(2)}`}`;
}
