export { hiddenAttention } from "./hiddenAttention";
export * from "./mixerMap";
export type { Panel } from "./native";
