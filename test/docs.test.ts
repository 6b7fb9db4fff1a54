// Holds the documentation to the code: its examples compile and run, the values in their comments come out, its paths
// lead somewhere. The types are those of the library as built, the values those of its sources.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as library from "bestrq";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { compile, documented, type Example, fenced, notebook, root, run } from "./examples";

const pages = [
  ...["README.md", "CHANGELOG.md", "data/README.md", "extension/README.md", "kernel/docs/scaling.md"],
  ...library.train.signatureNames.map((name) => `kernel/docs/signatures/${name}.md`),
];

/** What examples may take for granted. One that does is compiled, not run. */
const scene = `
declare const models: import("bestrq").BestRq[];
declare const model: import("bestrq").BestRq;
declare const batches: import("bestrq").train.FeatureBatches;
declare const run: import("bestrq").train.Run;
declare const events: import("bestrq").profile.MemoryEvent[];
declare const figure: import("bestrq").figures.Figure;
declare const path: string;
`;
/** Folders of the reader's own. */
const elsewhere = /\/home\/me|free-spoken-digit-dataset/;

/** Most examples leave the import to the reader, as a notebook has it at its top. */
const imported = ({ place, code }: Example): Example => ({
  place,
  code: /^import /m.test(code) ? code : `import { ${Object.keys(library).join(", ")} } from "bestrq"; ${code}`,
});
const examples = [...pages.flatMap((page) => fenced(page, "ts")), ...documented()].map(imported);
const notebooks = readdirSync(join(root, "notebooks")).filter((name) => name.endsWith(".ipynb"));
const cells = notebooks.map((name) => notebook(`notebooks/${name}`));
const wrong = { place: "wrong", code: 'import { BestRq } from "bestrq"; new BestRq({ mixer: "mhsb" });' };
const { programs, types, typeFaults } = compile([...examples, ...cells, wrong], scene);

test.each(programs.filter(({ place }) => place !== "wrong"))("$place compiles", ({ faults }) => {
  expect(faults).toEqual([]);
});

test("a wrong example does not compile", () => {
  const fault = expect.stringContaining("wrong, line 1: Type '\"mhsb\"' is not assignable to type");
  expect(programs.find(({ place }) => place === "wrong")?.faults).toEqual([fault]);
});

test("the compiler of the cells understands the library's types", () => {
  expect(types).toContain("kernel/dist/index.d.ts");
  expect(types.length).toBeGreaterThan(30);
  expect(typeFaults).toEqual([]);
});

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => {})); // what display says outside a notebook
afterEach(() => vi.restoreAllMocks());

const equal = (got: unknown, said: unknown) => expect(got).toEqual(said);
const selfContained = programs
  .slice(0, examples.length)
  .filter(({ usesScene, code }) => !usesScene && !elsewhere.test(code));

test.each(selfContained)("$place does what it says", (example) => run(example, library, equal));

test("a wrong value in an example is noticed", async () => {
  const example = { place: "", code: "const two = 1 + 1;\ntwo; // 2\n[two]; // [3]" };
  await expect(run(example, library, equal)).rejects.toThrow("to deeply equal [ 3 ]");
});

test.each(pages)("the links and paths in %s lead somewhere", (page) => {
  const text = readFileSync(join(root, page), "utf8");
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => join(dirname(page), link));
  const paths = text.match(/(?<![\w/.])(?:kernel|extension|notebooks|data|test)\/[\w./-]*\w/g) ?? [];
  expect([...links, ...paths].filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test("the commands in the documentation exist", () => {
  const text = pages.map((page) => readFileSync(join(root, page), "utf8")).join("\n");
  const told = (pattern: RegExp) => new Set([...text.matchAll(pattern)].map(([, name]) => name));
  const help = (program: string) =>
    execFileSync(process.execPath, [join(root, program), "--help"], { encoding: "utf8" });
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const name of told(/npm (?:run )?(start|test|(?<=run )\w+)/g)) expect(Object.keys(scripts)).toContain(name);
  for (const option of told(/npm start -- (--[\w-]+)/g)) expect(help("kernel/setup/start.mjs")).toContain(option);
  for (const name of told(/npx bestrq (\w+)/g)) expect(help("kernel/bin/bestrq.cjs")).toContain(`bestrq ${name}`);
});
