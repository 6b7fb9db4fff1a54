import type { BestRq } from "../bestrq";
import { FrameMap, type Panel } from "./frameMap";
import { type InfluenceOptions, measure, progressOf } from "./influence";
import type { InputOptions, MapInput } from "./input";
import { allLayers, MixerMap, mixerMaps } from "./mixerMap";

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
  const { influence } = options;
  const made: FrameMap[] = [];
  const chosen = models.map((model) => options.layers ?? allLayers(model));
  const progress = progressOf(chosen.flat().length);
  let [measured, error] = [0, 0];
  for (const [index, model] of models.entries()) {
    const { mixer } = model.config;
    const layers = chosen[index];
    if (!influence) {
      made.push(...(await mixerMaps(model, input, { ...options, layers })).map(placed));
      continue;
    }
    for (const layer of layers) {
      const how = influence === true ? {} : influence;
      const map = await measure(model, input, { ...options, ...how, layer }, progress(measured++));
      error = Math.max(error, map.relativeError);
      made.push(withPanels(map, (panel) => ({ ...panel, at: { mixer, layer } })));
    }
  }
  const [first] = made;
  const mixers = [...new Set(models.map(({ config }) => config.mixer))].join(", ");
  return new FrameMap({
    ...first,
    title: `${mixers}: ${influence ? influenceTitle(influence, error) : "which frame hears which"}`,
    panels: made.flatMap(({ panels }) => panels),
  });
}

function influenceTitle(how: Exclude<CompareOptions["influence"], undefined | false>, error: number): string {
  const of = how === true ? "mixer" : (how.of ?? "mixer");
  return `influence through the ${of}${error > 0 ? `, estimated ± ${(100 * error).toFixed(1)} % or less` : ""}`;
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
  const mixers = [...new Set(checkpoints.flatMap(({ map }) => (map instanceof MixerMap ? [map.mixer] : [])))];
  return new FrameMap({
    ...first,
    title: mixers.length > 1 ? `${mixers.join(", ")}: which frame hears which` : first.title,
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
