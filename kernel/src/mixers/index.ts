export * from "./fastformer";
export * from "./hypermixing";
export * from "./mamba";
export * from "./mhsa";
export * from "./summarymixing";
