// What a cell's text goes through before the converter sees it. Every character stays in its place.
import ts = require("@tslab/typescript-for-tslab");

/** A part of a cell that it cannot have, and what to write instead. */
export interface Complaint {
  start: number;
  end: number;
  message: string;
}

/**
 * The cell as tslab knows how to take it. Every name of a cell is exported to the next ones anyway, so `export` is
 * blanked out before declarations and expressions, and with it whole `export { ... }` lists. `const a = await
 * import("b")` becomes `import * as a from "b"`, as not every module's type can be written down for the next cell.
 */
export function prepared(code: string): string {
  if (!/\b(export|import)\b/.test(code)) return code;
  let text = code;
  const put = (from: number, to: number, by = "") => {
    const blank = text.slice(from + by.length, to).replace(/[^\n]/g, " ");
    text = text.slice(0, from) + by + blank + text.slice(to);
  };
  for (const statement of parsed(code).statements) {
    const start = statement.getStart();
    if (ts.isExportDeclaration(statement) && !statement.moduleSpecifier) put(start, statement.end);
    else if (ts.isExportAssignment(statement) && !statement.isExportEquals) put(start, statement.expression.getStart());
    else {
      const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
      const exporting = modifiers.filter(({ kind }) => kind === ts.SyntaxKind.ExportKeyword || isDefault(kind));
      for (const modifier of exporting) put(modifier.getStart(), modifier.end);
      const [name, module] = importedAsConstant(statement) ?? [];
      if (name) put(start, statement.end, `import * as ${name} from ${module};`);
    }
  }
  return text;
}

/** What a cell says that TypeScript would answer with a riddle. */
export function complaints(code: string): Complaint[] {
  if (!/\b(export|using)\b/.test(code)) return [];
  const file = parsed(code);
  const found: Complaint[] = [];
  const complain = (node: ts.Node, message: string) =>
    found.push({ start: node.getStart(file), end: node.getEnd(), message });
  for (const statement of file.statements) {
    if (ts.isExportDeclaration(statement) && statement.moduleSpecifier) {
      complain(
        statement,
        "A cell exports all of its names. Import here what later cells need: import { ... } from ...",
      );
    }
    const anonymous = (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && !statement.name;
    if (anonymous) complain(statement, "A cell has no default export. Give this a name, by which later cells know it");
  }
  const findUsing = (node: ts.Node): void => {
    if (ts.isBlock(node) || ts.isSourceFile(node)) {
      for (const [index, statement] of node.statements.entries()) {
        const name = usedName(statement, node.statements[index + 1]);
        if (name) {
          const dispose = `try { ... } finally { ${name}[Symbol.dispose]() }`;
          complain(statement, `Cells know no \`using\` yet. Write: const ${name} = ...; ${dispose}`);
        }
      }
    }
    ts.forEachChild(node, findUsing);
  };
  findUsing(file);
  return found;
}

/** The statement of a cell that declares `name` for the cells that follow. */
export function declared(code: string, name: string): string | undefined {
  const names = (node: ts.Node): boolean => {
    if (ts.isVariableStatement(node)) return node.declarationList.declarations.some(names);
    if (ts.isObjectBindingPattern(node) || ts.isArrayBindingPattern(node)) return node.elements.some(names);
    const { name: own } = node as ts.NamedDeclaration;
    return own !== undefined && (ts.isIdentifier(own) ? own.text === name : names(own));
  };
  return parsed(code).statements.find(names)?.getText();
}

function parsed(code: string): ts.SourceFile {
  return ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest, true);
}

function isDefault(kind: ts.SyntaxKind): boolean {
  return kind === ts.SyntaxKind.DefaultKeyword;
}

/** Name and module of `const name = await import("module")`. */
function importedAsConstant(statement: ts.Statement): [name: string, module: string] | undefined {
  if (!ts.isVariableStatement(statement) || statement.declarationList.declarations.length > 1) return undefined;
  if (!(statement.declarationList.flags & ts.NodeFlags.Const) || statement.getText().includes("\n")) return undefined;
  const [{ name, initializer, type }] = statement.declarationList.declarations as unknown as [ts.VariableDeclaration];
  if (!ts.isIdentifier(name) || type || !initializer || !ts.isAwaitExpression(initializer)) return undefined;
  const { expression } = initializer;
  if (!ts.isCallExpression(expression) || expression.expression.kind !== ts.SyntaxKind.ImportKeyword) return undefined;
  const [module] = expression.arguments;
  return module && ts.isStringLiteral(module) ? [name.text, module.getText()] : undefined;
}

/** The name in `using name = ...`, which this TypeScript takes for two statements. */
function usedName(first: ts.Statement, second: ts.Statement | undefined): string | undefined {
  if (!ts.isExpressionStatement(first) || !second || !ts.isExpressionStatement(second)) return undefined;
  const word = ts.isAwaitExpression(first.expression) ? first.expression.expression : first.expression;
  const assignment = second.expression;
  if (!ts.isIdentifier(word) || word.text !== "using" || !ts.isBinaryExpression(assignment)) return undefined;
  const sameLine = !/\n/.test(first.getSourceFile().text.slice(first.end, second.getStart()));
  return sameLine && ts.isIdentifier(assignment.left) ? assignment.left.text : undefined;
}
