export type {
  BatchFields,
  CheckpointFields,
  OptimizerFields,
  RecipeFields,
  RecipeOptions,
  ValidationFields,
} from "./fields";
export { Recipe } from "./recipe";
