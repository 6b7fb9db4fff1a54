// `npm run test:tfjs`: tfjs-core's published test-suite on one of our backends.
//
//   npm run test:tfjs -- [--backend tensorflow | wasm] [--only REGEXP] [--verbose]
//
// Exits with 1 when another test fails than those that known.json explains, or fewer pass than it counts.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bundleSuite } from "./bundle.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const require = createRequire(import.meta.url);
const { values: options } = parseArgs({
  options: {
    backend: { type: "string", default: "tensorflow" },
    only: { type: "string" },
    verbose: { type: "boolean", default: false },
  },
});
const known = JSON.parse(await readFile(join(root, "test", "tfjs", "known.json"), "utf8"))[options.backend];
if (!known)
  throw new RangeError(`Cannot test the backend "${options.backend}": known.json must say what to expect of it`);

const jasmineRequire = require("jasmine-core");
globalThis.jasmine = jasmineRequire.boot(jasmineRequire);
const file = join(root, ".cache", "tfjs-suite", "suite.cjs");
await bundleSuite(root, file);
const { backend, setTestEnvs, declareTests } = require(file);
console.log(await backend.use(options.backend));
const name = `test-${options.backend}`;
setTestEnvs([{ name, backendName: options.backend, flags: {}, isDataSync: true }]);
await declareTests();

const only = new RegExp(options.only ?? "");
const specs = [];
const environment = jasmine.getEnv();
environment.configure({ random: false, specFilter: (spec) => only.test(spec.getFullName()) });
environment.addReporter({ specDone: (spec) => specs.push(spec) });
const quiet = options.verbose ? undefined : hush(); // the suite prints tensors
const start = performance.now();
await environment.execute();
quiet?.();

const passed = specs.filter(({ status }) => status === "passed").length;
const failed = specs.filter(({ status }) => status === "failed");
const title = ({ fullName }) => fullName.replace(` ${name} {}`, "");
const explained = known.failing ?? {};
const unknown = known.failing ? failed.filter((spec) => !(title(spec) in explained)) : [];
for (const spec of failed) {
  const reason = explained[title(spec)];
  console.log(`\nfailed: ${title(spec)}${reason ? ` (known: ${reason})` : ""}`);
  if (!reason || options.verbose) for (const { message } of spec.failedExpectations) console.log(`  ${message}`);
}
const seconds = ((performance.now() - start) / 1000).toFixed(1);
console.log(`\n${passed} passed, ${failed.length} failed, ${unknown.length} of them not known, in ${seconds} s`);
const tooFew = !options.only && passed < known.passed;
if (tooFew) console.log(`At least ${known.passed} must pass`);
process.exit(unknown.length > 0 || tooFew ? 1 : 0);

function hush() {
  const methods = ["log", "info", "warn", "error"];
  const spoken = methods.map((method) => [method, console[method]]);
  for (const method of methods) console[method] = () => {};
  return () => Object.assign(console, Object.fromEntries(spoken));
}
