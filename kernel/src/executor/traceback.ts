// What a front end shows of an error.
import { inspect } from "node:util";
import type { Diagnostic } from "tslab/dist/converter";
import { CompileError } from "./interpreter";
import type { Failure } from "./protocol";
import { cellPosition, cellSource } from "./stack";

const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
const grey = (text: string) => `\u001b[90m${text}\u001b[39m`;
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
  error.stack = undecorated(String(error.stack), String(error));
  const text = inspect(error, { maxStringLength: mostCharacters, maxArrayLength: 20 }).slice(0, mostCharacters);
  const lines = text.split("\n").map((line) => (/^ +at /.test(line) ? grey(line) : line));
  lines[0] = lines[0]!.startsWith(ename) ? red(ename) + lines[0]!.slice(ename.length) : lines[0]!;
  const position = cellPosition(error.stack);
  const source = position && cellSource(position.label);
  if (!position || source === undefined) return { status: "error", ename, evalue, traceback: lines };
  const excerpt = [
    grey(`${position.label}, line ${position.line}`),
    ...underlined(source, position.line, position.column),
  ];
  return { status: "error", ename, evalue, traceback: [...lines, "", ...excerpt] };
}

/** Without the line of JavaScript that Node's `vm` puts before the stack of what is thrown through it. */
function undecorated(stack: string, title: string): string {
  const at = stack.indexOf(`\n${title}`);
  return stack.startsWith(title) || at < 0 ? stack : stack.slice(at + 1);
}

function compileFailure({ diagnostics, message, name }: CompileError, label: string): Failure {
  const shown = diagnostics.slice(0, mostDiagnostics).flatMap((diagnostic) => diagnosis(diagnostic, label));
  const left = diagnostics.length - mostDiagnostics;
  if (left > 0) shown.push(`... and ${left} more`);
  return { status: "error", ename: name, evalue: message, traceback: shown };
}

function diagnosis({ start, end, code, messageText, fileName }: Diagnostic, label: string): string[] {
  const [line, column] = [start.line + 1, start.character + 1];
  const head = `${fileName ?? label}:${line}:${column} - ${red("error")} ${grey(`TS${code}:`)} ${messageText}`;
  const source = fileName === undefined ? cellSource(label) : undefined;
  if (source === undefined) return [head];
  const length = end.line === start.line ? end.character - start.character : Number.POSITIVE_INFINITY;
  return [head, "", ...underlined(source, line, column, length), ""];
}

/** The line of a source with a mark below the part in question. */
function underlined(source: string, line: number, column: number, length = 1): string[] {
  const text = source.split("\n")[line - 1];
  if (text === undefined) return [];
  const number = String(line);
  const marks = Math.max(1, Math.min(length, text.length - column + 1));
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, " "); // tabs stay, so that the mark stands where it should
  return [`${grey(number)} ${text}`, `${" ".repeat(number.length)} ${indent}${red("~".repeat(marks))}`];
}
