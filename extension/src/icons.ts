// The icons of the panel and the launcher, in the colours of the theme.
import { LabIcon } from "@jupyterlab/ui-components";

export const memoryIcon = new LabIcon({
  name: "bestrq:memory",
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
<path class="jp-icon3" fill="#616161" d="M2 2h1.3v10.7H14V14H2z"/>
<path class="jp-icon3" fill="#616161" d="M4.5 11.6V9.4l2.4-3 2 1.7L12 3.4l1.8 1.5v6.7z"/>
</svg>`,
});

export const experimentIcon = new LabIcon({
  name: "bestrq:experiment",
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 64 64">
<rect width="64" height="64" rx="10" fill="#3178c6"/>
<path d="M10 26h20M20 26v28" fill="none" stroke="#fff" stroke-width="6" stroke-linecap="round"/>
<path d="M36 46v-8M43 52V32M50 48V36M57 44v-4" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round"/>
</svg>`,
});
