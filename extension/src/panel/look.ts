// How a series looks: a family of colours for each one who counts, so that memory of the device and of the process are
// never confused, and a dash for each within it, so that colours are not all that tells them apart.
import { trans } from "../translation";
import { type Group, groups, type Series } from "./record";

/** The Okabe-Ito palette, darker on light paper and lighter on dark paper. */
const colours: Record<Group, { light: string; dark: string }> = {
  device: { light: "#c04e00", dark: "#ff8a3d" },
  process: { light: "#0072b2", dark: "#5cb8f2" },
  tensorflow: { light: "#8f6400", dark: "#f0c042" },
  webgpu: { light: "#007a5a", dark: "#2fd0a0" },
  wasm: { light: "#a8558a", dark: "#eda6d0" },
  other: { light: "#57606a", dark: "#b0b8c0" },
};
const dashes = ["solid", "4px,3px", "1px,2px", "7px,3px,1px,3px"];

export interface Look {
  readonly colour: string;
  readonly dash: string;
}

/** The look of each series by name. */
export function looks(series: Iterable<Series>, dark: boolean): Map<string, Look> {
  const seen = new Map<Group, number>();
  const look = ({ name, group }: Series): [string, Look] => {
    const place = seen.get(group) ?? 0;
    seen.set(group, place + 1);
    return [name, { colour: colours[group][dark ? "dark" : "light"], dash: dashes[place % dashes.length] }];
  };
  return new Map(Array.from(series, look));
}

export const groupTitle = (group: Group): string =>
  ({
    device: trans.__("Device memory"),
    process: trans.__("Process memory"),
    tensorflow: trans.__("TensorFlow's own count"),
    webgpu: trans.__("WebGPU's own count"),
    wasm: trans.__("WebAssembly heap"),
    other: trans.__("Other"),
  })[group];

/** The series of a record by group, in the order of the groups; those without samples or series left out. */
export function byGroup(series: Iterable<Series>): [Group, Series[]][] {
  const all = [...series];
  return groups
    .map((group): [Group, Series[]] => [group, all.filter((one) => one.group === group)])
    .filter(([, members]) => members.length > 0);
}
