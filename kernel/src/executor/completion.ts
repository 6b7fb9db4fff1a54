// Completion, inspection and completeness of code, in the terms of the protocol: it counts characters by code points,
// JavaScript by UTF-16.
import ts = require("@tslab/typescript-for-tslab");

import type { Interpreter } from "./interpreter";
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
  const { start, end, candidates, original } = interpreter.complete(code, offset);
  const [from, to] = [toCodePoints(code, start), toCodePoints(code, end)];
  const kinds = new Map(original?.entries.map(({ name, kind }) => [name, kind as string]));
  const types = candidates.map((text) => ({ text, type: kinds.get(text) ?? "", start: from, end: to }));
  return {
    status: "ok",
    matches: candidates,
    cursor_start: from,
    cursor_end: to,
    metadata: { _jupyter_types_experimental: types },
  };
}

/** inspect_reply: what stands at the cursor, just before it, or is being called around it. */
export function inspect(interpreter: Interpreter, content: Content): Content {
  const { code, offset } = cursor(content);
  const callee = /[\w$](?=\s*\([^()]*$)/.exec(code.slice(0, offset))?.index;
  for (const place of [offset, offset - 1, callee]) {
    if (place === undefined || place < 0) continue;
    const info = interpreter.inspect(code, place);
    if (info) return { status: "ok", found: true, data: { "text/plain": printQuickInfo(info) }, metadata: {} };
  }
  return { status: "ok", found: false, data: {}, metadata: {} };
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
