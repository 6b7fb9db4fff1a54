// What a front end shows of an error.
import { inspect } from "node:util";
import type { Diagnostic } from "tslab/dist/converter";
import { CompileError } from "./interpreter";
import type { Failure } from "./protocol";
import { cellPosition, cellSource } from "./stack";

const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
const cyan = (text: string) => `\u001b[36m${text}\u001b[39m`; // grey is not to be seen on JupyterLab's dark red
const mostDiagnostics = 20;
const mostCharacters = 20_000;

/** Why an interrupted cell ends. */
export class Interrupted extends Error {
  override name = "KeyboardInterrupt";
  constructor() {
    super("The cell was interrupted");
  }
}

/** Describes what a cell threw, whatever it is. Never throws. */
export function failure(thrown: unknown, label: string): Failure {
  try {
    if (thrown instanceof CompileError) return compileFailure(thrown, label);
    if (thrown instanceof Interrupted) {
      const { name: ename, message: evalue } = thrown;
      return { status: "error", ename, evalue, traceback: [`${red(ename)}: ${evalue}`] };
    }
    if (isError(thrown)) return runtimeFailure(thrown);
    const value = inspect(thrown).slice(0, mostCharacters);
    return { status: "error", ename: "Uncaught", evalue: value, traceback: [`${red("Uncaught")} ${value}`] };
  } catch (error) {
    const evalue = `Cannot describe what the cell threw: ${String(error)}`;
    return { status: "error", ename: "Error", evalue, traceback: [red(evalue)] };
  }
}

// Also an error of another realm (vm, worker) is one.
function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || Object.prototype.toString.call(thrown) === "[object Error]";
}

function runtimeFailure(error: Error): Failure {
  const ename = String(error.name || "Error");
  const evalue = String(error.message);
  const stack = undecorated(String(error.stack), String(error));
  Reflect.set(error, "stack", stack); // unless it is frozen
  const text = inspect(error, { maxStringLength: mostCharacters, maxArrayLength: 20 }).slice(0, mostCharacters);
  const lines = withoutRepetition(text.split("\n"));
  lines[0] = lines[0]!.replace(ename, red); // also in the brackets around one without a stack
  const position = cellPosition(stack) ?? cellPosition(text); // that of what caused it
  const source = position && cellSource(position.label);
  if (!position || source === undefined) return { status: "error", ename, evalue, traceback: lines };
  const excerpt = [
    cyan(`${position.label}, line ${position.line}`),
    ...marked(source, position.line, position.column, "^"),
  ];
  return { status: "error", ename, evalue, traceback: [...lines, "", ...excerpt] };
}

/** A recursion without end has the same line again and again. */
function withoutRepetition(lines: string[]): string[] {
  const kept: string[] = [];
  for (let at = 0, end = 0; at < lines.length; at = end) {
    for (end = at + 1; lines[end] === lines[at] && / at /.test(lines[at]!); ) end++;
    kept.push(lines[at]!);
    if (end - at === 2) kept.push(lines[at]!);
    if (end - at > 2) kept.push(`    ... the same ${end - at - 1} times more`);
  }
  return kept;
}

/** Without the line of JavaScript that Node's `vm` puts before the stack of what is thrown through it. */
function undecorated(stack: string, title: string): string {
  const at = stack.indexOf(`\n${title}`);
  return stack.startsWith(title) || at < 0 ? stack : stack.slice(at + 1);
}

function compileFailure({ diagnostics, message, name }: CompileError, label: string): Failure {
  const shown = diagnostics.slice(0, mostDiagnostics).flatMap((diagnostic, index) => {
    const before = diagnostics[index - 1];
    // The converter gives each step of an explanation as a diagnostic of its own.
    const continued = before?.start.offset === diagnostic.start.offset && before.end.offset === diagnostic.end.offset;
    return continued ? [`  ${diagnostic.messageText}`] : [...(before ? [""] : []), ...diagnosis(diagnostic, label)];
  });
  const left = diagnostics.length - mostDiagnostics;
  if (left > 0) shown.push("", `... and ${left} more`);
  return { status: "error", ename: name, evalue: message, traceback: shown };
}

function diagnosis({ start, end, code, messageText, fileName }: Diagnostic, label: string): string[] {
  const [line, column] = [start.line + 1, start.character + 1];
  const number = code === 0 ? "" : cyan(` TS${code}`); // 0 are ours
  const head = `${fileName ?? label}:${line}:${column} - ${red("error")}${number}: ${messageText}`;
  const source = fileName === undefined ? cellSource(label) : undefined;
  const excerpt = source === undefined ? [] : marked(source, line, column, "~", end.line - start.line, end.character);
  return [head, ...excerpt, ...(isUnnamed(code) ? [`  ${unnamed}`] : [])];
}

/** What cells declare is written down as types for the cells that follow, which not every inferred type allows. */
const isUnnamed = (code: number) => (code >= 4000 && code < 4200) || code === 2742 || code === 7056;
const unnamed = "Later cells need a type that can be written down. Give one here, if need be `: any`";

/** Lines of a source, each with marks below the part in question: one mark, or up to `endColumn` (from 0) of the last. */
function marked(source: string, line: number, column: number, mark: string, lines = 0, endColumn = column): string[] {
  const all = source.split("\n");
  const last = Math.min(line + Math.min(lines, mostLines - 1), all.length);
  const digits = String(last).length;
  return all.slice(line - 1, last).flatMap((text, index) => {
    const from = index === 0 ? column - 1 : text.search(/\S|$/);
    const to = index === lines ? endColumn : text.length;
    const marks = mark.repeat(Math.max(1, width(text.slice(from, to))));
    const number = String(line + index).padStart(digits);
    return [`${cyan(number)} ${text}`, `${" ".repeat(digits)} ${blank(text.slice(0, from))}${red(marks)}`];
  });
}

const mostLines = 5;
/** Two columns wide in a terminal and in a notebook: emoji, and the scripts of East Asia. */
const wide =
  /[\p{Extended_Pictographic}\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\uff01-\uff60]/u;
const width = (text: string) => Array.from(text).reduce((sum, letter) => sum + (wide.test(letter) ? 2 : 1), 0);
/** As wide as `text`. Tabs stay, so that what follows stands where it should. */
const blank = (text: string) =>
  text
    .split("\t")
    .map((part) => " ".repeat(width(part)))
    .join("\t");
