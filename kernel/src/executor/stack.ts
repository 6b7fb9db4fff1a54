// Stack traces in the terms of the cells: their own lines, and nothing of the machinery below them.
import { join } from "node:path";
import type { Position, Trace } from "./typescript";

interface Cell {
  /** As it was typed. */
  code: string;
  /** What runs; absent if the cell does not compile. */
  output?: { lines: number; trace: Trace | undefined };
}

const cells = new Map<string, Cell>();
const files = new Map<string, Trace>();
const inCell = /(In\[[^\]]*\]):(\d+):(\d+)/;
/** Whether a frame is of Node's inner modules, of tslab, or of this room. */
const isMachinery = (frame: string) =>
  ["node:internal/", join("tslab", "dist"), __dirname].some((part) => frame.includes(part));

/** The converter puts one line before a cell's first. */
const prefixLines = 1;

/** From now on `label` in a stack trace means this cell. */
export function registerCell(label: string, code: string, javascript?: string, trace?: Trace): void {
  const output = javascript === undefined ? undefined : { lines: javascript.split("\n").length, trace };
  cells.set(label, { code, output });
}

/** A TypeScript file that a cell imports. */
export function registerFile(path: string, trace: Trace | undefined): void {
  if (trace) files.set(path, trace);
}

/** The source of the cell that goes by `label`. */
export function cellSource(label: string): string | undefined {
  return cells.get(label)?.code;
}

/** All cells that have run, the latest first. */
export function latestCells(): Array<{ label: string; code: string }> {
  return Array.from(cells, ([label, { code }]) => ({ label, code })).reverse();
}

/** Where in a cell a stack trace begins: the innermost of its frames that is a cell's. */
export function cellPosition(stack: string): ({ label: string } & Position) | undefined {
  const [, label, line, column] = inCell.exec(stack) ?? [];
  return label ? { label, line: Number(line), column: Number(column) } : undefined;
}

/** Makes every `error.stack` of this process speak of cells. */
export function installStackTraces(): void {
  Error.stackTraceLimit = 50; // ten do not reach from a tensor operation up to the cell
  Error.prepareStackTrace = (error, sites) => {
    const frames = sites.map((site) => translated(String(site))).filter((frame) => frame !== undefined);
    const outermost = frames.map((frame) => inCell.test(frame)).lastIndexOf(true);
    const shown = outermost < 0 ? frames : frames.slice(0, outermost + 1).filter((frame) => !isMachinery(frame));
    return [title(error), ...shown.map((frame) => `    at ${frame}`)].join("\n");
  };
}

function title(error: Error): string {
  try {
    return String(error);
  } catch {
    return "Error";
  }
}

/** A frame in terms of the sources; undefined for the call that starts a cell, which tslab adds below its last line. */
function translated(frame: string): string | undefined {
  const located = /^(.*?\(?)([^()\s]+):(\d+):(\d+)(\)?)$/.exec(frame);
  if (!located) return frame;
  // A cell's functions are called as members of the proxy that holds its variables.
  const [before, file, after] = [located[1]!.replace(/^(async )?Proxy\./, "$1"), located[2]!, located[5]!];
  const position = { line: Number(located[3]), column: Number(located[4]) };
  const cell = cells.get(file)?.output;
  if (cell && position.line > cell.lines) return undefined;
  const original = (cell?.trace ?? files.get(file))?.(position);
  if (!original) return frame;
  if (cell) return `${before}${file}:${original.line - prefixLines}:${original.column}${after}`;
  return `${before}${file.replace(/\.js$/, ".ts")}:${original.line}:${original.column}${after}`;
}
