// Plotly in the colours of the JupyterLab theme that is on.

/** The parts of a plotly layout that follow the theme. */
export interface Theme {
  readonly layout: Record<string, unknown>;
  readonly axis: Record<string, unknown>;
  readonly ink: string;
  readonly faint: string;
  readonly paper: string;
  /** What is to catch the eye. */
  readonly accent: string;
}

/** Reads the theme off the CSS variables. */
export function currentTheme(): Theme {
  const style = getComputedStyle(document.body);
  const variable = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  const ink = variable("--jp-ui-font-color1", "#222222");
  const faint = variable("--jp-ui-font-color2", "#666666");
  const paper = variable("--jp-layout-color0", "#ffffff");
  const lines = variable("--jp-border-color2", "#e0e0e0");
  const accent = variable("--jp-brand-color1", "#1976d2");
  return theme({ ink, faint, paper, accent, lines, family: variable("--jp-ui-font-family", "system-ui, sans-serif") });
}

function theme({ ink, faint, paper, accent, lines, family }: Record<string, string>): Theme {
  return {
    ink,
    faint,
    paper,
    accent,
    layout: {
      paper_bgcolor: paper,
      plot_bgcolor: paper,
      font: { family, size: 12, color: ink },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: faint, activecolor: ink },
      hoverdistance: 40,
    },
    axis: { gridcolor: lines, zerolinecolor: lines, linecolor: lines, tickcolor: faint, tickfont: { color: ink } },
  };
}

/** What is saved is for white paper, whatever the theme. */
export const paperTheme = theme({
  ink: "#1f2328",
  faint: "#59636e",
  paper: "#ffffff",
  accent: "#0969da",
  lines: "#d1d9e0",
  family: "Helvetica, Arial, sans-serif",
});

/** Text from data for plotly, which would otherwise read some HTML in it. */
export const plain = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** How our plots behave. Nothing leaves the browser: plotly would offer to send the data to a server of its makers. */
export const config = {
  displaylogo: false,
  showSendToCloud: false,
  plotlyServerURL: "",
  responsive: false,
  typesetMath: false,
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
  toImageButtonOptions: { format: "svg" },
};
