// Where libtensorflow lies: the two libraries of PyPI's tensorflow wheel, laid out by the set-up command.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

// macOS's wheels hold the same libraries under Apple's names. They have not been tried on such a machine yet.
const ending = process.platform === "darwin" ? "2.dylib" : "so.2";
const libraries = { framework: `libtensorflow_framework.${ending}`, main: `libtensorflow_cc.${ending}` };

/** Full paths of the two libraries that together are libtensorflow. */
export interface TensorFlowLibraries {
  framework: string;
  main: string;
}

/**
 * Finds libtensorflow: in `$BESTRQ_TENSORFLOW/lib` where that variable is set, else in `.tensorflow/lib` of the
 * closest folder above this file that has one, which is the checkout.
 *
 * @throws Error if there is none; the message names the folders that were looked at.
 */
export function locateTensorFlow(): TensorFlowLibraries {
  const folders = process.env.BESTRQ_TENSORFLOW
    ? [join(process.env.BESTRQ_TENSORFLOW, "lib")]
    : above(__dirname).map((folder) => join(folder, ".tensorflow", "lib"));
  for (const folder of folders) {
    const found = { framework: join(folder, libraries.framework), main: join(folder, libraries.main) };
    if (existsSync(found.framework) && existsSync(found.main)) return found;
  }
  throw new Error(
    `Cannot find libtensorflow: ${libraries.main} and ${libraries.framework} must be in ` +
      (process.env.BESTRQ_TENSORFLOW
        ? `${folders[0]}, where BESTRQ_TENSORFLOW points`
        : "the folder .tensorflow/lib of the checkout"),
  );
}

function above(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...above(parent)];
}
