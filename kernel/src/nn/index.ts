export * from "./activation";
export * from "./conformer";
export * from "./convolution";
export * from "./linear";
export * from "./mixer";
export * from "./norm";
export * from "./parameters";
export * from "./positions";
