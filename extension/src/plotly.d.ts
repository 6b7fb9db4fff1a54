// What we use of plotly.js; its own types would weigh more than they check.
declare module "plotly.js-cartesian-dist-min" {
  export interface Plotly {
    react(node: HTMLElement, data: object[], layout: object, config: object): Promise<PlotElement>;
    purge(node: HTMLElement): void;
    toImage(figure: { data: object[]; layout: object; config: object }, options: object): Promise<string>;
  }
  export interface PlotElement extends HTMLElement {
    on(event: "plotly_hover", listener: (event: HoverEvent) => void): void;
    on(event: "plotly_unhover" | "plotly_doubleclick", listener: () => void): void;
    on(event: "plotly_relayout", listener: (changed: Record<string, unknown>) => void): void;
  }
  export interface HoverEvent {
    event: MouseEvent;
    points: { x: number; y: number; z?: number; curveNumber: number; pointIndex: number }[];
  }
  const plotly: Plotly;
  export default plotly;
}
