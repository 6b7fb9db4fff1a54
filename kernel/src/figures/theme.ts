// Where a figure will stand, and what that asks of its width and letters.

/** The look of a figure where it is shown or printed. */
export interface Theme {
  /** How wide it is drawn, in millimetres (default: as wide as it comes). Letters keep their size, about 8 points. */
  readonly widthMm?: number;
  /** As CSS writes it. PDF and PNG are always set in Inter, which they carry along. */
  readonly fontFamily: string;
  /** Stands on a card with rounded corners. */
  readonly frame: boolean;
  /** Its title is drawn above it; on paper the caption says it. */
  readonly heading: boolean;
}

const themes = {
  screen: {
    fontFamily: "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif",
    frame: true,
    heading: true,
  },
  paper: { widthMm: 84, fontFamily: "Inter, Helvetica, Arial, sans-serif", frame: false, heading: false },
} as const satisfies Record<string, Theme>;

/**
 * The look for a notebook (`"screen"`) or for one column of a paper (`"paper"`: 84 mm wide, letters of 8 points,
 * no frame, the title left to the caption).
 *
 * @throws RangeError where there is no such theme
 * @example
 * await figures.save(figure, "attention.pdf", figures.theme("paper"));
 * await figures.save(figure, "attention-wide.pdf", { ...figures.theme("paper"), widthMm: 174 }); // both columns
 */
export function theme(name: keyof typeof themes): Theme {
  if (!Object.hasOwn(themes, name))
    throw new RangeError(`Cannot find the theme "${name}": there are ${Object.keys(themes).join(" and ")}`);
  return themes[name];
}

/** Pixels of an SVG per millimetre: 96 per inch. */
export const pixelsPerMm = 96 / 25.4;

/** How wide a figure is drawn, in pixels: as its theme says, or as it comes. */
export const widthOf = ({ widthMm }: Theme, natural: number): number =>
  widthMm === undefined ? natural : Math.round(widthMm * pixelsPerMm);
