// Who imports what, as the TypeScript compiler reads it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dirname, normalize } from "node:path/posix";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Import {
  /** From the top of the checkout: `kernel/src/nn/linear.ts`. */
  readonly file: string;
  readonly line: number;
  /** As it is written: `../tensor`. */
  readonly name: string;
  /** The file or folder that a relative name leads to, without `.ts` and `/index.ts`: `kernel/src/tensor`. */
  readonly target?: string;
  /** Gone after compilation. */
  readonly typesOnly: boolean;
}

/** `../tensor`, `../tensor/` and `../tensor/index.js` are one. */
const resolved = (path: string): string => path.replace(/\.js$|\/$/, "").replace(/(?<=\/src\/.+)\/index$/, "");

/** All TypeScript files below the folders, from the top of the checkout. */
export const sourcesOf = (...folders: string[]): string[] =>
  folders.flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[])
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`),
  );

/** What a file imports: by `import`, `export from`, `import x = require()`, `require()`, `import()` and in types. */
export function importsOf(file: string, text = readFileSync(join(root, file), "utf8")): Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const found: Import[] = [];
  const add = (name: ts.Node | undefined, typesOnly: boolean) => {
    if (!name || !ts.isStringLiteral(name)) return;
    const line = source.getLineAndCharacterOfPosition(name.getStart(source)).line + 1;
    const target = name.text.startsWith(".") ? resolved(normalize(`${dirname(file)}/${name.text}`)) : undefined;
    found.push({ file, line, name: name.text, target, typesOnly });
  };
  const visit = (node: ts.Node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, onlyTypes(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isExternalModuleReference(node)) add(node.expression, false);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && /^(import|require|load)$/.test(node.expression.getText(source)))
      add(node.arguments[0], false); // load: a require made for ES modules
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function onlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (!clause || clause.isTypeOnly) return clause !== undefined;
  const names = clause.namedBindings;
  return !clause.name && !!names && ts.isNamedImports(names) && names.elements.every(({ isTypeOnly }) => isTypeOnly);
}
