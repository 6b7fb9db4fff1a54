import type { BestRq } from "../bestrq";
import { FrameMap, type Panel } from "./frameMap";
import { type InfluenceOptions, influence } from "./influence";
import type { InputOptions, MapInput } from "./input";
import { MixerMap, mixerMaps } from "./mixerMap";

/** What {@link compare} shows. */
export interface CompareOptions extends InputOptions {
  /** Counted from 0 (default: all). */
  readonly layers?: readonly number[];
  /** Influence in the place of native maps: `true`, or how (default false). */
  readonly influence?: boolean | Omit<InfluenceOptions, keyof InputOptions | "layer">;
}

/**
 * Several models side by side for one utterance: one figure, which steps through layers and heads. A matrix is made when
 * the figure is shown, one after the other.
 *
 * @throws RangeError where a model has no such layer
 * @example
 * const pair = (["mhsa", "mamba"] as const).map((mixer) => new BestRq({ mixer, size: "tiny" }));
 * const map = await maps.compare(pair, tf.ones([40, 80]), { layers: [0] });
 * map.panels.map(({ name }) => name).length; // 5
 * map
 */
export async function compare(
  models: readonly BestRq[],
  input: MapInput,
  options: CompareOptions = {},
): Promise<FrameMap> {
  if (models.length === 0) throw new RangeError("Cannot compare models: give at least one, got none");
  const made: FrameMap[] = [];
  for (const model of models) {
    const { mixer, layers: count } = model.config;
    const { layers = Array.from({ length: count }, (_, layer) => layer) } = options;
    if (!options.influence) made.push(...(await mixerMaps(model, input, { ...options, layers })).map(placed));
    else {
      const how = options.influence === true ? {} : options.influence;
      for (const layer of layers) {
        const map = await influence(model, input, { ...options, ...how, layer });
        made.push(withPanels(map, (panel) => ({ ...panel, at: { mixer, layer } })));
      }
    }
  }
  const [first] = made;
  const mixers = [...new Set(models.map(({ config }) => config.mixer))].join(", ");
  return new FrameMap({
    ...first,
    title: `${mixers}: ${options.influence ? "influence of input on output" : "which frame hears which"}`,
    panels: made.flatMap(({ panels }) => panels),
  });
}

/**
 * The same map at several steps of training as one figure, with the step as a slider.
 *
 * @throws RangeError where there is none
 * @example
 * const model = new BestRq({ mixer: "hypermixing", size: "tiny" });
 * const before = await maps.mixerMap(model, tf.ones([40, 80]));
 * // ... training ...
 * const after = await maps.mixerMap(model, tf.ones([40, 80]));
 * maps.overTraining([{ step: 0, map: before }, { step: 60, map: after }])
 */
export function overTraining(checkpoints: readonly { readonly step: number; readonly map: FrameMap }[]): FrameMap {
  if (checkpoints.length === 0) throw new RangeError("Cannot show training: give at least one map, got none");
  const [{ map: first }] = checkpoints;
  return new FrameMap({
    ...first,
    panels: checkpoints.flatMap(({ step, map }) =>
      placed(map).panels.map((panel) => ({
        ...panel,
        name: `${panel.name}, step ${step}`,
        at: { ...panel.at, checkpoint: step },
      })),
    ),
  });
}

/** A map whose panels say where they come from. */
const placed = (map: FrameMap): FrameMap =>
  map instanceof MixerMap
    ? withPanels(map, (panel) => {
        const { mixer, layer } = map;
        return { ...panel, at: { mixer, layer, head: panel.name } };
      })
    : map;

/** The same map with other panels, named after their places. */
const withPanels = (map: FrameMap, change: (panel: Panel) => Panel): FrameMap =>
  new FrameMap({
    ...map,
    panels: map.panels.map(change).map((panel) => ({
      ...panel,
      name: [panel.at?.mixer, `layer ${panel.at?.layer}`, panel.at?.head].filter(Boolean).join(", "),
    })),
  });
