// One file that Node can load out of tfjs-core's published test-suite, which comes as ES modules for bundlers, and of our tensors.
import { rolldown } from "rolldown";

const entry = "\0tfjs-suite";
const code = `
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js"; // of the suite's copy of tfjs-core
export * from "./kernel/src/tensor";
export { setTestEnvs } from "@tensorflow/tfjs-core/dist/jasmine_util.js";
export const declareTests = () => import("@tensorflow/tfjs-core/dist/tests.js");`;

/**
 * The suite has a copy of tfjs-core of its own; the engine with its backends, kernels and gradients is one for both.
 * @param {string} root the checkout @param {string} file where the bundle goes
 */
export async function bundleSuite(root, file) {
  const bundle = await rolldown({
    cwd: root,
    input: entry,
    platform: "node",
    treeshake: false, // tests are side effects
    logLevel: "silent", // Jasmine uses eval
    external: (id) => /^[^.\0/]/.test(id) && !/^@tensorflow\/tfjs-core\/dist|^jasmine-core\//.test(id),
    plugins: [
      {
        name: "entry",
        resolveId: (id, importer) =>
          id === entry ? id : importer === entry && id[0] === "." ? `${root}/${id}/index.ts` : null,
        load: (id) => (id === entry ? { code, moduleType: "js" } : null),
      },
    ],
  });
  await bundle.write({ file, format: "cjs", codeSplitting: false });
  await bundle.close();
}
