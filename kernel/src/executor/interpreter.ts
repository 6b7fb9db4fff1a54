// tslab's converter and executor, adapted: what a cell evaluates to, or an error that knows the cell's own lines.
import type { CompletionInfo, ConvertResult, Diagnostic } from "tslab/dist/converter";
import type { Executor } from "tslab/dist/executor";
import { uninterrupted } from "./interrupts";
import { currentRun } from "./run";
import { hasForAwait, withoutExports } from "./source";
import { registerCell, registerFile } from "./stack";
import { createConverter, createExecutor } from "./tslab";
import { resumed, takeTrace } from "./typescript";

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
  private label = "";
  private conversion: ConvertResult | undefined;
  private thrown: unknown;

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
        this.thrown = thrown;
      },
    };
    this.tslab = createExecutor(directory, { node: adapted, browser: adapted, close: () => {} }, console);
    Object.assign((globalThis as unknown as { __tslab__: object }).__tslab__, { resume });
  }

  /**
   * Runs a cell.
   * @returns the value of its last expression, not awaited: `{ value }`, so that a promise stays one
   * @throws CompileError, or whatever the cell throws
   */
  async evaluate(code: string, label: string): Promise<{ value: unknown }> {
    this.label = label;
    this.conversion = undefined;
    const succeeded = await this.tslab.execute(withoutExports(code));
    const conversion = this.conversion as ConvertResult | undefined;
    if (conversion && conversion.diagnostics.length > 0) throw new CompileError(conversion.diagnostics);
    if (!succeeded) throw this.thrown;
    const name = conversion?.lastExpressionVar;
    if (!name) return { value: undefined };
    const value = this.tslab.locals[name] as unknown;
    delete this.tslab.locals[name];
    return { value };
  }

  /** No longer waits for a cell that is awaiting. */
  abandon(): void {
    this.tslab.interrupt();
  }

  /** What could stand at `offset` (UTF-16) of `code`. */
  complete(code: string, offset: number): CompletionInfo {
    return uninterrupted(() => this.tslab.complete(withoutExports(code), offset));
  }

  /** What stands at `offset` (UTF-16) of `code`, if the compiler knows it. */
  inspect(code: string, offset: number): ReturnType<Executor["inspect"]> | undefined {
    return uninterrupted(() => this.tslab.inspect(withoutExports(code), offset));
  }

  private convert(convert: (declarations: string, code: string) => ConvertResult, code: string): ConvertResult {
    const result = uninterrupted(() => convert(this.declarations, code));
    registerCell(this.label, code, result.output, takeTrace(result.output ?? ""));
    this.conversion = { ...result };
    if (result.diagnostics.length > 0) return result;
    this.declarations = result.declOutput ?? "";
    for (const { path, data } of result.sideOutputs ?? []) registerFile(path, takeTrace(data));
    // On the first line, which is tslab's own, so that positions stay.
    const output =
      result.output && `const ${resumed} = __tslab__.resume(); ${result.output}\n//# sourceURL=${this.label}`;
    const hasToplevelAwait = result.hasToplevelAwait || hasForAwait(code);
    return { ...result, output, hasToplevelAwait, lastExpressionVar: undefined };
  }
}

/**
 * An interrupted cell that was awaiting must not go on when what it awaits arrives: from then on its `await`s throw.
 * Called as a cell begins; what it returns takes the value of each `await` outside of functions.
 */
function resume(): <T>(value?: T) => T | undefined {
  const { signal } = currentRun().abort;
  return (value) => {
    signal.throwIfAborted();
    return value;
  };
}
