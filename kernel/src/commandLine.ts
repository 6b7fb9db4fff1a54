// What all commands share in reading their arguments.
import type { ParseArgsConfig } from "node:util";

/**
 * `--seconds 10 40` → `--seconds 10 --seconds 40`, of the options that may be given several times: parseArgs takes one value
 * at a time.
 */
export function repeated(args: readonly string[], options: NonNullable<ParseArgsConfig["options"]>): string[] {
  let list: string | undefined;
  return args.flatMap((arg) => {
    if (!arg.startsWith("--")) return list ? [list, arg] : [arg];
    list = options[arg.slice(2)]?.multiple ? arg : undefined;
    return list ? [] : [arg];
  });
}
