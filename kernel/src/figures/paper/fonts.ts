// The letters of PDF and PNG files: Inter (SIL Open Font License), so that a figure looks the same on every machine.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const folder = dirname(createRequire(__filename).resolve("@expo-google-fonts/inter/package.json"));
const file = (name: string) => join(folder, name, `Inter_${name}.ttf`);

export const fonts = { regular: file("400Regular"), bold: file("600SemiBold"), family: "Inter" } as const;
