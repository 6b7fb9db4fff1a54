export { runProbe } from "./command";
export { digitTable } from "./report";
export { type DigitResults, readDigits } from "./results";
export type { DigitSettings } from "./settings";
export { type DigitOptions, digits } from "./study";
