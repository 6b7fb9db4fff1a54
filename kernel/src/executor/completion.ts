// Completion, inspection and completeness of code, in the terms of the protocol: it counts characters by code points,
// JavaScript by UTF-16.
import ts = require("@tslab/typescript-for-tslab");

import type { Interpreter } from "./interpreter";
import { type Candidate, files, modules, stringAt } from "./paths";
import { declared } from "./source";
import { latestCells } from "./stack";
import { isCompleteCode, printQuickInfo } from "./tslab";

type Content = Record<string, unknown>;
const prefix = "export {};\n"; // makes it a module, where `await` may stand at top level

/** The UTF-16 offset of a code point. */
export function toUtf16(code: string, points: number): number {
  let offset = 0;
  for (let left = points; left > 0 && offset < code.length; left--)
    offset += code.codePointAt(offset)! > 0xffff ? 2 : 1;
  return offset;
}

/** The number of code points before a UTF-16 offset. */
export function toCodePoints(code: string, offset: number): number {
  return Array.from(code.slice(0, offset)).length;
}

/** complete_reply */
export function complete(interpreter: Interpreter, content: Content): Content {
  const { code, offset } = cursor(content);
  const { start, end, candidates } = candidatesAt(interpreter, code, offset);
  const [from, to] = [toCodePoints(code, start), toCodePoints(code, end)];
  return {
    status: "ok",
    matches: candidates.map(({ text }) => text),
    cursor_start: from,
    cursor_end: to,
    metadata: {
      _jupyter_types_experimental: candidates.map(({ text, type }) => ({ text, type, start: from, end: to })),
    },
  };
}

function candidatesAt(interpreter: Interpreter, code: string, offset: number) {
  const string = stringAt(code, offset);
  const directory = process.cwd();
  if (string?.isModule) return { ...string, candidates: modules(string.typed, directory) };
  if (string && /^[.~/]|\//.test(string.typed)) return { ...string, candidates: files(string.typed, directory) };
  const { start, end, candidates, original } = interpreter.complete(code, offset);
  const kinds = new Map(original?.entries.map(({ name, kind }) => [name, kind as string]));
  const typed = candidates.map(
    (text): Candidate => ({ text, type: typeNames[kinds.get(text)!] ?? kinds.get(text) ?? "" }),
  );
  // Of the values that a string may have, tslab gives all, wherever the cursor is.
  if (string) return { ...string, candidates: typed.filter(({ text }) => text.startsWith(string.typed)) };
  return { start, end, candidates: typed };
}

/** TypeScript's words for what something is, in those that front ends know. */
const typeNames: Record<string, string> = {
  const: "constant",
  let: "variable",
  var: "variable",
  "local var": "variable",
  parameter: "variable",
  "local function": "function",
  "local class": "class",
  "primitive type": "keyword",
  getter: "property",
  setter: "property",
  "enum member": "constant",
  alias: "module",
};

/**
 * inspect_reply: what stands at the cursor, just before it, or is being called around it. In more detail: with the source
 * of what a cell declares.
 */
export function inspect(interpreter: Interpreter, content: Content): Content {
  const { code, offset } = cursor(content);
  const callee = /[\w$](?=\s*\([^()]*$)/.exec(code.slice(0, offset))?.index;
  for (const place of [offset, offset - 1, callee]) {
    if (place === undefined || place < 0) continue;
    const info = interpreter.inspect(code, place);
    if (!info) continue;
    const { start, length } = info.textSpan;
    const source = content.detail_level === 1 ? declaration(code.slice(start, start + length)) : undefined;
    const text = source ? `${printQuickInfo(info)}\n\n${source}` : printQuickInfo(info);
    return { status: "ok", found: true, data: { "text/plain": text }, metadata: {} };
  }
  return { status: "ok", found: false, data: {}, metadata: {} };
}

/** The statement of the latest cell that declares `name`. */
function declaration(name: string): string | undefined {
  for (const { label, code } of latestCells()) {
    const source = declared(code, name);
    if (source) return `${label}:\n${source}`;
  }
  return undefined;
}

/** is_complete_reply */
export function isComplete(content: Content): Content {
  const code = String(content.code ?? "");
  const file = ts.createSourceFile("cell.ts", prefix + code, ts.ScriptTarget.Latest);
  const { parseDiagnostics = [] } = file as { parseDiagnostics?: ts.DiagnosticWithLocation[] };
  if (parseDiagnostics.length === 0) return { status: "complete" };
  if (!parseDiagnostics.some((diagnostic) => wantsMore(diagnostic, file.text))) return { status: "invalid" };
  return { status: "incomplete", indent: isCompleteCode(code).indent ?? "" };
}

const unterminatedTemplate = 1160;

function wantsMore({ code, start, length, messageText }: ts.DiagnosticWithLocation, text: string): boolean {
  const atEnd = start + length >= text.trimEnd().length;
  return (
    atEnd &&
    (code === unterminatedTemplate || (start >= text.trimEnd().length && String(messageText).endsWith("expected.")))
  );
}

function cursor(content: Content): { code: string; offset: number } {
  const code = String(content.code ?? "");
  const points = Number(content.cursor_pos ?? Number.POSITIVE_INFINITY);
  return { code, offset: toUtf16(code, points) };
}
