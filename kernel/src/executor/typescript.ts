// tslab's converter keeps no source maps. It sees TypeScript through the facade below, which makes them on the way, so
// that a stack trace can name the cell's own lines.
import { SourceMap, type SourceMapPayload } from "node:module";
import { join } from "node:path";

import ts = require("@tslab/typescript-for-tslab");

import { globalTypes } from "./globals";

export interface Position {
  /** Counted from 1. */
  line: number;
  /** Counted from 1. */
  column: number;
}

/** From a position in the JavaScript that runs to the position in the TypeScript it was made from. */
export type Trace = (position: Position) => Position | undefined;

/** What else there is to know of a piece of JavaScript that the converter has made. */
interface Conversion {
  trace: Trace;
  /** Whether it awaits outside of its functions. tslab misses `await (...)` and `for await`. */
  awaits: boolean;
}

const conversions = new Map<string, Conversion>();

/** What there is to know of a piece of JavaScript that the converter has just made; asked for once. */
export function takeConversion(javascript: string): Conversion | undefined {
  const conversion = conversions.get(javascript);
  conversions.delete(javascript);
  return conversion;
}

/** To be called before tslab is loaded. */
export function installFacade(): void {
  const ours = { createWatchCompilerHost, transpileModule, getPreEmitDiagnosticsOfFiles, visitEachChild };
  require.cache[require.resolve("@tslab/typescript-for-tslab")]!.exports = { ...ts, ...ours };
}

// tslab converts twice: TypeScript to ES modules, by a watching compiler whose output carries its map inline, ...
// It knows the globals of Node alone, not of every @types package that happens to lie in node_modules: they cost half a
// second at the start, and time in every cell. Imports find those packages still, by the `exports` of a package as well.
const createWatchCompilerHost = ((files: string[], options: ts.CompilerOptions, system: ts.System, ...rest: []) =>
  ts.createWatchCompilerHost(
    [...files, globalsFile],
    {
      ...options,
      inlineSourceMap: true,
      types: ["node"],
      lib: ["lib.es2023.d.ts"],
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      customConditions: ["node", "require"],
    },
    withGlobals(withTwoTimers(system)),
    ...rest,
  )) as typeof ts.createWatchCompilerHost;

/** What cells find declared beside the globals of Node; it exists in memory alone. */
const globalsFile = join(process.cwd(), "__globals__.d.ts").replaceAll("\\", "/");

function withGlobals(system: ts.System): ts.System {
  const globals = globalTypes();
  return Object.assign(Object.create(system), {
    fileExists: (path: string) => path === globalsFile || system.fileExists(path),
    readFile: (path: string, encoding?: string) => (path === globalsFile ? globals : system.readFile(path, encoding)),
  });
}

// tslab keeps one timer, with which it rebuilds the program itself, and throws at a second one. TypeScript sets that when
// packages come or go on disk, to look again for those it has not found.
function withTwoTimers(system: ts.System): ts.System {
  const setTimer: ts.System["setTimeout"] = (callback, milliseconds) =>
    callback.name === "updateProgramWithWatchStatus"
      ? system.setTimeout!(callback, milliseconds)
      : setTimeout(callback, milliseconds).unref();
  const clearTimer: ts.System["clearTimeout"] = (timer) =>
    "unref" in timer ? clearTimeout(timer) : system.clearTimeout!(timer);
  return Object.assign(Object.create(system), { setTimeout: setTimer, clearTimeout: clearTimer });
}

const inlineMap = /\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/;

// ... then ES modules to CommonJS, where the two maps are joined.
function transpileModule(input: string, options: ts.TranspileOptions): ts.TranspileOutput {
  const inline = inlineMap.exec(input);
  if (!inline) return ts.transpileModule(input, options);
  const compilerOptions = { ...options.compilerOptions, sourceMap: true };
  let awaits = false;
  const noteAwait = () => {
    awaits = true;
  };
  const transformers = { before: [checkAwaits(noteAwait)] };
  const output = ts.transpileModule(input.slice(0, inline.index), { ...options, compilerOptions, transformers });
  const outputText = output.outputText.replace(/\/\/# sourceMappingURL=\S+\s*$/, "");
  const trace = joined(output.sourceMapText!, Buffer.from(inline[1]!, "base64").toString());
  conversions.set(outputText, { trace, awaits });
  return { ...output, outputText };
}

// tslab turns the names that earlier cells declared into properties of its `exports`, but misses `{ name }`. It visits
// each node by way of the facade, after it has asked for the program's diagnostics.
let checker: ts.TypeChecker | undefined;

function getPreEmitDiagnosticsOfFiles(program: ts.Program, files: ts.SourceFile[]): readonly ts.Diagnostic[] {
  checker = program.getTypeChecker();
  return internal.getPreEmitDiagnosticsOfFiles(program, files);
}

const internal = ts as unknown as { getPreEmitDiagnosticsOfFiles: typeof getPreEmitDiagnosticsOfFiles };

function visitEachChild<T extends ts.Node>(node: T, visitor: ts.Visitor, context: ts.TransformationContext): T {
  if (!ts.isShorthandPropertyAssignment(node) || node.objectAssignmentInitializer) {
    return ts.visitEachChild(node, visitor, context);
  }
  const symbol = checker?.getShorthandAssignmentValueSymbol(ts.getOriginalNode(node));
  const before = symbol?.declarations?.some((declaration) =>
    /\b__prev__\.d\.ts$/.test(declaration.getSourceFile().fileName),
  );
  if (!before) return node;
  const value = ts.factory.createPropertyAccessExpression(ts.factory.createIdentifier("exports"), node.name.text);
  const assignment = ts.factory.createPropertyAssignment(node.name.text, ts.setTextRange(value, node.name));
  return ts.setTextRange(assignment, node) as ts.Node as T;
}

/**
 * What an `await` of a cell, outside its functions, passes its value through, and what each round of a `for await` calls;
 * see `Interpreter`.
 */
export const resumed = "__resumed";

const checkAwaits =
  (noteAwait: () => void): ts.TransformerFactory<ts.SourceFile> =>
  (context) => {
    const check = (...value: ts.Expression[]) => {
      noteAwait();
      return ts.factory.createCallExpression(ts.factory.createIdentifier(resumed), undefined, value);
    };
    const visit = (node: ts.Node): ts.Node => {
      if (ts.isFunctionLike(node) || ts.isClassLike(node)) return node;
      const visited = ts.visitEachChild(node, visit, context);
      if (ts.isAwaitExpression(visited)) return ts.setTextRange(check(visited), node);
      if (!ts.isForOfStatement(visited) || !visited.awaitModifier) return visited;
      const { awaitModifier, initializer, expression, statement } = visited;
      const body = ts.factory.createBlock([ts.factory.createExpressionStatement(check()), statement]);
      return ts.factory.updateForOfStatement(visited, awaitModifier, initializer, expression, body);
    };
    return (file) => ts.visitEachChild(file, visit, context);
  };

function joined(second: string, first: string): Trace {
  let maps: SourceMap[] | undefined; // made when a trace is asked for, which is rarely
  return (position) => {
    maps ??= [second, first].map((text) => new SourceMap(JSON.parse(text) as SourceMapPayload));
    let { line, column } = position;
    for (const map of maps) {
      const entry = map.findEntry(line - 1, column - 1);
      if (!("originalLine" in entry)) return undefined;
      [line, column] = [entry.originalLine + 1, entry.originalColumn + 1];
    }
    return { line, column };
  };
}
