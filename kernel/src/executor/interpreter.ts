// tslab's converter and executor, adapted: what a cell evaluates to, or an error that knows the cell's own lines.
import type { CompletionInfo, ConvertResult, Diagnostic } from "tslab/dist/converter";
import type { Executor } from "tslab/dist/executor";
import { currentRun, type Run } from "./run";
import { uninterrupted } from "./shared";
import { type Complaint, complaints, prepared } from "./source";
import { registerCell, registerFile } from "./stack";
import { createConverter, createExecutor } from "./tslab";
import { resumed, takeConversion } from "./typescript";

/** The cell does not compile. */
export class CompileError extends Error {
  override name = "TypeScriptError";
  constructor(readonly diagnostics: Diagnostic[]) {
    super(diagnostics[0]?.messageText);
  }
}

/** Runs TypeScript cells one after another; what one declares, the next ones see. */
export class Interpreter {
  private readonly tslab: Executor;
  /** The types of all that the cells so far have declared, as tslab wants them. */
  private declarations = "";
  private cell = { label: "", code: "" };
  private conversion: ConvertResult | undefined;

  /** Makes the converter, which takes seconds. Imports in cells resolve from `directory`. */
  constructor(directory: string) {
    const converter = createConverter({ isJS: false, isBrowser: false });
    converter.convert("", "1"); // so that the first cell does not wait for it
    const adapted = {
      ...converter,
      // Ours remembers the declarations also of a cell that throws later: what it had made by then stays usable.
      convert: (_declarations: string, code: string) => this.convert(converter.convert, code),
      inspect: (_declarations: string, code: string, at: number) => converter.inspect(this.declarations, code, at),
      complete: (_declarations: string, code: string, at: number) => converter.complete(this.declarations, code, at),
    };
    const console = {
      log: () => {},
      error: (thrown: unknown) => {
        currentRun().thrown = thrown;
      },
    };
    this.tslab = createExecutor(directory, { node: adapted, browser: adapted, close: () => {} }, console);
    Object.assign((globalThis as unknown as { __tslab__: object }).__tslab__, { resume });
  }

  /**
   * Runs a cell, or another piece of code, for `run`. Several may run at a time, in turns where they await.
   * @returns the value of its last expression, not awaited: `{ value }`, so that a promise stays one
   * @throws CompileError, or whatever the cell throws
   */
  async evaluate(code: string, label: string, run: Run): Promise<{ value: unknown }> {
    const wrong = complaints(code);
    if (wrong.length > 0) {
      registerCell(label, code);
      throw new CompileError(wrong.map((complaint) => asDiagnostic(complaint, code)));
    }
    this.cell = { label, code };
    this.conversion = undefined;
    run.value = undefined;
    const execution = this.tslab.execute(prepared(code)); // which has converted, and awaits at most
    const conversion = this.conversion as ConvertResult | undefined;
    const succeeded = await execution;
    if (conversion && conversion.diagnostics.length > 0) throw new CompileError(conversion.diagnostics);
    if (!succeeded) throw run.thrown;
    return { value: run.value };
  }

  /** What could stand at `offset` (UTF-16) of `code`. */
  complete(code: string, offset: number): CompletionInfo {
    return uninterrupted(() => this.tslab.complete(prepared(code), offset));
  }

  /** What stands at `offset` (UTF-16) of `code`, if the compiler knows it. */
  inspect(code: string, offset: number): ReturnType<Executor["inspect"]> | undefined {
    return uninterrupted(() => this.tslab.inspect(prepared(code), offset));
  }

  private convert(convert: (declarations: string, code: string) => ConvertResult, code: string): ConvertResult {
    const result = uninterrupted(() => convert(this.declarations, code));
    const conversion = takeConversion(result.output ?? "");
    registerCell(this.cell.label, this.cell.code, result.output, conversion?.trace);
    this.conversion = { ...result };
    if (result.diagnostics.length > 0) return result;
    this.declarations = result.declOutput ?? "";
    for (const { path, data } of result.sideOutputs ?? []) registerFile(path, takeConversion(data)?.trace);
    // On the first line, which is tslab's own, so that positions stay; and below the last one.
    const value = result.lastExpressionVar;
    const output =
      result.output &&
      `const ${resumed} = __tslab__.resume(); ${result.output}\n${value ? `${resumed}.give(exports.${value});` : ""}\n//# sourceURL=${this.cell.label}`;
    return { ...result, output, hasToplevelAwait: conversion?.awaits, lastExpressionVar: undefined };
  }
}

function asDiagnostic({ start, end, message }: Complaint, code: string): Diagnostic {
  const position = (offset: number) => {
    const lines = code.slice(0, offset).split("\n");
    return { offset, line: lines.length - 1, character: lines[lines.length - 1]!.length };
  };
  return { start: position(start), end: position(end), messageText: message, category: 1, code: 0 };
}

/**
 * An interrupted cell that was awaiting must not go on when what it awaits arrives: from then on its `await`s throw.
 * Called as a cell begins; what it returns takes the value of each `await` outside of functions, and in the end the
 * cell's own.
 */
function resume() {
  const run = currentRun();
  const { signal } = run.abort;
  const resumed = <T>(value?: T): T | undefined => {
    signal.throwIfAborted();
    return value;
  };
  const give = (value: unknown) => {
    run.value = value;
  };
  return Object.assign(resumed, { give });
}
