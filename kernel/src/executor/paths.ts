// Completion inside of strings: modules where one is imported, else files and folders.
import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";

import ts = require("@tslab/typescript-for-tslab");

export interface Candidate {
  text: string;
  /** As front ends name it: they show an icon for it. */
  type: string;
}

/** A string with the cursor in it: where what is between its quotes begins and ends (UTF-16), and what stands before the cursor. */
export interface StringAtCursor {
  start: number;
  end: number;
  typed: string;
  /** Whether it names a module. */
  isModule: boolean;
}

export function stringAt(code: string, offset: number): StringAtCursor | undefined {
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest, true);
  const find = (node: ts.Node): ts.StringLiteralLike | undefined => {
    if (offset <= node.getStart(file) || offset > node.end) return undefined;
    if (ts.isStringLiteralLike(node)) return node;
    return ts.forEachChild(node, find);
  };
  const literal = ts.forEachChild(file, find);
  if (!literal) return undefined;
  const start = literal.getStart(file) + 1;
  const closed = code[literal.end - 1] === code[start - 1] && literal.end > start;
  const end = closed ? literal.end - 1 : literal.end;
  if (offset > end) return undefined; // behind the closing quote
  const { parent } = literal;
  const called = ts.isCallExpression(parent) ? parent.expression : undefined;
  const isModule =
    ts.isImportDeclaration(parent) ||
    ts.isExportDeclaration(parent) ||
    called?.kind === ts.SyntaxKind.ImportKeyword ||
    called?.getText(file) === "require";
  return { start, end, typed: code.slice(start, offset), isModule };
}

/** What a module's name could go on with. */
export function modules(typed: string, directory: string): Candidate[] {
  if (/^\.{0,2}\//.test(typed)) {
    const sources = files(typed, directory).filter(
      ({ type, text }) => type === "folder" || /\.([cm]?[jt]s|json)$/.test(text),
    );
    return sources.map(({ text, type }) => ({ text: text.replace(/(\.d)?\.ts$/, ""), type }));
  }
  const [name] = /^(@[^/]+\/)?[^/]+(?=\/)/.exec(typed) ?? [];
  const names = name && !/^@[^/]+$/.test(name) ? subpaths(name, directory) : [...builtin, ...packages(directory)];
  const unique = new Set(names.filter((text) => text.startsWith(typed)));
  return [...unique].sort().map((text) => ({ text, type: "module" }));
}

/** Files and folders that `typed` is the beginning of. */
export function files(typed: string, directory: string): Candidate[] {
  const slash = typed.lastIndexOf("/") + 1;
  const [folder, begun] = [typed.slice(0, slash), typed.slice(slash)];
  const entries = list(resolve(directory, folder.replace(/^~(?=\/)/, homedir()))).filter(
    ({ name }) => name.startsWith(begun) && (begun.startsWith(".") || !name.startsWith(".")),
  );
  return entries.map((entry) => {
    const isFolder = entry.isDirectory();
    return { text: `${folder}${entry.name}${isFolder ? "/" : ""}`, type: isFolder ? "folder" : "file" };
  });
}

const builtin = builtinModules.filter((name) => !name.startsWith("_")).map((name) => `node:${name}`);

/** The node_modules folders that Node would look into. */
function* libraries(directory: string): Generator<string> {
  for (let at = resolve(directory); ; at = dirname(at)) {
    yield join(at, "node_modules");
    if (at === dirname(at)) return;
  }
}

function packages(directory: string): string[] {
  return [...libraries(directory)].flatMap((library) =>
    list(library).flatMap(({ name }) => {
      if (name.startsWith(".")) return [];
      return name.startsWith("@") ? list(join(library, name)).map((entry) => `${name}/${entry.name}`) : [name];
    }),
  );
}

/** What a package exports below its name. */
function subpaths(name: string, directory: string): string[] {
  for (const library of libraries(directory)) {
    try {
      const { exports = {} } = JSON.parse(readFileSync(join(library, name, "package.json"), "utf8")) as {
        exports?: object;
      };
      const keys = typeof exports === "object" ? Object.keys(exports) : [];
      return keys.filter((key) => /^\.\/[^*]+$/.test(key)).map((key) => name + key.slice(1));
    } catch {
      // not here
    }
  }
  return [];
}

function list(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
