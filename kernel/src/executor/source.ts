// What a cell's text goes through before the converter sees it.
import ts = require("@tslab/typescript-for-tslab");

/**
 * Blanks out `export` where it stands before a declaration, and whole `export { ... }` lists: every name of a cell is
 * exported to the next ones anyway, and tslab does not know what to do with a second export. Positions stay as they are.
 */
export function withoutExports(code: string): string {
  if (!code.includes("export")) return code;
  let text = code;
  const blank = (from: number, to: number) => {
    text = text.slice(0, from) + text.slice(from, to).replace(/[^\n]/g, " ") + text.slice(to);
  };
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest, true);
  for (const statement of file.statements) {
    if (ts.isExportDeclaration(statement) && !statement.moduleSpecifier) blank(statement.getStart(), statement.end);
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword)) continue;
    const modifier = modifiers.find(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (modifier) blank(modifier.getStart(), modifier.end);
  }
  return text;
}

/** Whether the code has a `for await` outside of its functions. tslab sees the `await`s of expressions alone. */
export function hasForAwait(code: string): boolean {
  if (!code.includes("await")) return false;
  const inside = (node: ts.Node): boolean => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return false;
    if (ts.isForOfStatement(node) && node.awaitModifier) return true;
    return ts.forEachChild(node, inside) ?? false;
  };
  return inside(ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest));
}
