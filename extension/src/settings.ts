// What the user has chosen in JupyterLab's settings (schema/plugin.json).
import type { ISettingRegistry } from "@jupyterlab/settingregistry";

/** The plugin under whose name the settings are kept. */
export const pluginId = "bestrq-labextension:plugin";

export interface Settings {
  /** How often the memory panel asks for a sample (milliseconds). */
  readonly samplingInterval: number;
  /** How much of the past the memory panel keeps (minutes). */
  readonly history: number;
  /** The colours of maps, by plotly's name. */
  readonly colourScale: string;
  /** The width of an exported figure (millimetres). */
  readonly paperWidth: number;
  /** The fineness of an exported PNG (dots per inch). */
  readonly paperDpi: number;
}

/** What holds where the user has chosen nothing. */
const defaults: Settings = {
  samplingInterval: 100,
  history: 60,
  colourScale: "Viridis",
  paperWidth: 85,
  paperDpi: 300,
};

let current = defaults;
const listeners = new Set<() => void>();

/** The settings that hold now. */
export const settings = (): Settings => current;

/** Calls `listener` after each change. @returns how to stop */
export function onSettings(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Follows JupyterLab's registry from now on; without one, the defaults hold. */
export async function followSettings(registry: ISettingRegistry): Promise<void> {
  const ours = await registry.load(pluginId);
  const take = () => {
    current = { ...defaults, ...(ours.composite as Partial<Settings>) };
    for (const listener of listeners) listener();
  };
  ours.changed.connect(take);
  take();
}
