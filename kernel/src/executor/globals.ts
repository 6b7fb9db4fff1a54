// What cells find declared beside the globals of Node.
import { readFileSync } from "node:fs";

const input = `
/** Asks whoever runs the cell for a line of text, and waits for it. */
declare function prompt(message?: string): string;
/** The same for a secret: what is typed is not shown. */
declare function password(message?: string): string;
`;

/** The declarations, as the text of a file. */
export function globalTypes(): string {
  return [input, webAssembly(), ...["Array<T>", "ReadonlyArray<T>"].map(copyingMethods)].join("\n");
}

/** WebAssembly is declared among the globals of browsers alone. */
function webAssembly(): string {
  const browser = readFileSync(require.resolve("@tslab/typescript-for-tslab/lib/lib.dom.d.ts"), "utf8");
  const [namespace] = /^declare namespace WebAssembly \{[\s\S]*?^\}/m.exec(browser)!;
  return `type BufferSource = ArrayBufferView | ArrayBuffer;\n${namespace}`;
}

/** Of ES2023; TypeScript knows them from 5.2 on. */
function copyingMethods(array: string): string {
  return `interface ${array} {
  /** A sorted copy. */
  toSorted(compare?: (a: T, b: T) => number): T[];
  /** A copy in reverse order. */
  toReversed(): T[];
  /** A copy with other elements from \`start\` on. */
  toSpliced(start: number, deleteCount?: number, ...items: T[]): T[];
  /** A copy with another element at \`index\`. */
  with(index: number, value: T): T[];
}`;
}
