// tslab's converter keeps no source maps. It sees TypeScript through the facade below, which makes them on the way, so
// that a stack trace can name the cell's own lines.
import { SourceMap, type SourceMapPayload } from "node:module";

import ts = require("@tslab/typescript-for-tslab");

export interface Position {
  /** Counted from 1. */
  line: number;
  /** Counted from 1. */
  column: number;
}

/** From a position in the JavaScript that runs to the position in the TypeScript it was made from. */
export type Trace = (position: Position) => Position | undefined;

const traces = new Map<string, Trace>();

/** The trace of a piece of JavaScript that the converter has just made; asked for once. */
export function takeTrace(javascript: string): Trace | undefined {
  const trace = traces.get(javascript);
  traces.delete(javascript);
  return trace;
}

/** To be called before tslab is loaded. */
export function installFacade(): void {
  require.cache[require.resolve("@tslab/typescript-for-tslab")]!.exports = {
    ...ts,
    createWatchCompilerHost,
    transpileModule,
  };
}

// tslab converts twice: TypeScript to ES modules, by a watching compiler whose output carries its map inline, ...
const createWatchCompilerHost = ((files: string[], options: ts.CompilerOptions, ...rest: [ts.System]) =>
  ts.createWatchCompilerHost(
    files,
    { ...options, inlineSourceMap: true },
    ...rest,
  )) as typeof ts.createWatchCompilerHost;

const inlineMap = /\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/;

// ... then ES modules to CommonJS, where the two maps are joined.
function transpileModule(input: string, options: ts.TranspileOptions): ts.TranspileOutput {
  const inline = inlineMap.exec(input);
  if (!inline) return ts.transpileModule(input, options);
  const compilerOptions = { ...options.compilerOptions, sourceMap: true };
  const transformers = { before: [checkAwaits] };
  const output = ts.transpileModule(input.slice(0, inline.index), { ...options, compilerOptions, transformers });
  const outputText = output.outputText.replace(/\/\/# sourceMappingURL=\S+\s*$/, "");
  traces.set(outputText, joined(output.sourceMapText!, Buffer.from(inline[1]!, "base64").toString()));
  return { ...output, outputText };
}

/** What an `await` of a cell, outside its functions, passes its value through; see `Interpreter`. */
export const resumed = "__resumed";

const checkAwaits: ts.TransformerFactory<ts.SourceFile> = (context) => {
  const visit = (node: ts.Node): ts.Node => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return node;
    const visited = ts.visitEachChild(node, visit, context);
    if (!ts.isAwaitExpression(visited)) return visited;
    const call = ts.factory.createCallExpression(ts.factory.createIdentifier(resumed), undefined, [visited]);
    return ts.setTextRange(call, node);
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
