export * from "./adamw";
export * from "./batches";
export * from "./gradients";
export * from "./metrics";
export * from "./noam";
export * from "./pretrain";
export * from "./step";
export * from "./view";
