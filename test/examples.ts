// The examples of the documentation and the cells of the notebooks, as TypeScript programs.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type * as typescript from "typescript";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** The compiler of the cells, TypeScript 5.0.4. */
export const ts: typeof typescript = createRequire(join(root, "kernel/package.json"))("@tslab/typescript-for-tslab");

export interface Example {
  /** File and line where it begins. */
  readonly place: string;
  readonly code: string;
}

const read = (file: string) => readFileSync(join(root, file), "utf8");
const lineOf = (text: string, offset: number) => text.slice(0, offset).split("\n").length;

/** Blocks fenced by ``` of these languages; a fence without one is of language "". */
export const fenced = (file: string, ...languages: string[]): Example[] =>
  [...read(file).matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .filter(([, language]) => languages.includes(language))
    .map(({ 2: code, index }) => ({ place: `${file}:${lineOf(read(file), index) + 1}`, code }));

/** The `@example` blocks of all sources of the library. */
export function documented(): Example[] {
  const files = (readdirSync(join(root, "kernel/src"), { recursive: true }) as string[]).filter((name) =>
    name.endsWith(".ts"),
  );
  return files.map((name) => `kernel/src/${name.replaceAll("\\", "/")}`).flatMap(examplesIn);
}

const examplesIn = (file: string): Example[] =>
  [...read(file).matchAll(/^ *\* @example\n(.*?)(?=^ *\* @\w|^ *\*\/)/gms)].map(({ 1: block, index }) => ({
    place: `${file}:${lineOf(read(file), index) + 1}`,
    code: block.replace(/^ *\* ?/gm, ""),
  }));

/** All code cells of a notebook, one after the other. */
export function notebook(file: string): Example {
  const { cells } = JSON.parse(read(file)) as { cells: { cell_type: string; source: string | string[] }[] };
  const code = cells.filter(({ cell_type }) => cell_type === "code").map(({ source }) => [source].flat().join(""));
  return { place: file, code: code.join("\n;\n") };
}

/**
 * What the compiler of the cells, with its settings, has against programs that import the library as built.
 *
 * @param scene declares the variables that programs may use without making them
 * @returns for each program its faults and whether it uses the scene; the files of the library's types and their faults
 */
export function compile(programs: readonly Example[], scene: string) {
  const options: typescript.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    esModuleInterop: true,
    lib: ["lib.es2022.d.ts"],
    types: ["node"],
    strict: true,
  };
  const paths = programs.map((_, index) => join(root, "notebooks", `program ${index}.ts`));
  const scenePath = join(root, "notebooks", "scene.d.ts");
  const texts = new Map([[scenePath, scene], ...paths.map((path, index) => [path, programs[index].code] as const)]);
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, version, ...rest) =>
    texts.has(name)
      ? ts.createSourceFile(name, texts.get(name)!, version, true)
      : getSourceFile(name, version, ...rest);
  const program = ts.createProgram([...texts.keys()], options, host);
  const checker = program.getTypeChecker();

  const faultsOf = (file: typescript.SourceFile, place: string) =>
    [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ start, messageText }) => {
        const { line } = file.getLineAndCharacterOfPosition(start ?? 0);
        return `${place}, line ${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
      },
    );
  const isOfScene = (name: typescript.Identifier): boolean => {
    const short = ts.isShorthandPropertyAssignment(name.parent);
    const symbol = short ? checker.getShorthandAssignmentValueSymbol(name.parent) : checker.getSymbolAtLocation(name);
    return symbol?.declarations?.some((declaration) => declaration.getSourceFile().fileName === scenePath) ?? false;
  };
  const usesScene = (node: typescript.Node): boolean =>
    (ts.isIdentifier(node) && isOfScene(node)) || ts.forEachChild(node, usesScene) === true;
  const placeOf = ({ fileName }: typescript.SourceFile) => relative(root, fileName).replaceAll("\\", "/");
  const built = program.getSourceFiles().filter(({ fileName }) => fileName.includes("/kernel/dist/"));
  return {
    programs: paths.map((path, index) => {
      const file = program.getSourceFile(path)!;
      return { ...programs[index], faults: faultsOf(file, programs[index].place), usesScene: usesScene(file) };
    }),
    types: built.map(placeOf),
    typeFaults: built.flatMap((file) => faultsOf(file, placeOf(file))),
  };
}

/**
 * Runs an example as a cell would run, with the names of the library in scope: what stands by itself shows itself if it
 * knows how.
 *
 * @param value is told of each `expression; // JSON`: the value, and what the comment says
 */
export async function run({ code }: Example, library: object, value: (got: unknown, said: unknown) => void) {
  const file = ts.createSourceFile("example.ts", code, ts.ScriptTarget.ES2022, true);
  const lines = file.statements.map((statement) => {
    if (ts.isImportDeclaration(statement)) return "";
    if (!ts.isExpressionStatement(statement)) return statement.getText();
    const said = promised(code, statement.end);
    const expression = statement.expression.getText();
    return said === undefined ? `await show(${expression});` : `value(${expression}, ${said});`;
  });
  const { outputText } = ts.transpileModule(`{ ${lines.join("\n")} }`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  });
  const body = new AsyncFunction("show", "value", ...Object.keys(library), outputText);
  await body(show, value, ...Object.values(library));
}

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
  ...parts: string[]
) => (...given: unknown[]) => Promise<void>;

const show = async (shown: unknown) =>
  (shown as Record<symbol, (() => unknown) | undefined> | undefined)?.[Symbol.for("Jupyter.display")]?.call(shown);

/** The comment on the line of a statement's end, if it is JSON and not prose. */
function promised(code: string, end: number): string | undefined {
  const comment = /^[ \t]*\/\/ (.*)/.exec(code.slice(end))?.[1] ?? "";
  try {
    JSON.parse(comment);
    return comment;
  } catch {
    return undefined;
  }
}
