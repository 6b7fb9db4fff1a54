// Figures as they should look. What differs is written beside its golden file, for the eye.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

const folder = new URL("golden/", import.meta.url);

/** Compares an SVG document with `golden/NAME.svg`; where they differ, `golden/NAME-changed.svg` shows what is drawn now. */
export async function expectGolden(name: string, svg: string): Promise<void> {
  const file = fileURLToPath(new URL(`${name}.svg`, folder));
  const changed = file.replace(/\.svg$/, "-changed.svg");
  rmSync(changed, { force: true });
  try {
    await expect(svg).toMatchFileSnapshot(file);
  } catch (error) {
    if (existsSync(file) && readFileSync(file, "utf8") !== svg) writeFileSync(changed, svg);
    throw error;
  }
}
