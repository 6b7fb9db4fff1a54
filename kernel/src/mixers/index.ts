export * from "./fastformer";
export * from "./hypermixing";
export * from "./mamba";
export * from "./mhsa";
export * from "./summarymixing";
export * from "./summarymixingFast";
export * from "./summarymixingLite";
