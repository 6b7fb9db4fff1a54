// How much room words need, where nothing can measure them. Also used by the extension.

/** About how wide a label is, in pixels at 11 px; rather too wide than too narrow. */
export const textWidth = (label: string): number =>
  [...label].reduce(
    (width, letter) => width + (/[ijl.,:;|!'()[\]ftr ]/.test(letter) ? 4.6 : /[mwMW]/.test(letter) ? 10.4 : 7),
    0,
  );
