// How the kernel introduces itself.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { protocolVersion } from "./messages";

const version = (JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")) as { version: string })
  .version;

/** kernel_info_reply */
export const kernelInfo = {
  status: "ok",
  protocol_version: protocolVersion,
  implementation: "bestrq",
  implementation_version: version,
  banner: `bestrq ${version}: TypeScript cells on Node ${process.version}`,
  language_info: {
    name: "typescript",
    version: "5.0.4", // the one that cells are checked with
    mimetype: "text/typescript",
    file_extension: ".ts",
    pygments_lexer: "typescript",
    codemirror_mode: "typescript",
    nbconvert_exporter: "script",
  },
  debugger: false,
  supported_features: ["kernel subshells"],
  help_links: [{ text: "TypeScript", url: "https://www.typescriptlang.org/docs/" }],
};
