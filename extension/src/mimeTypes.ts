// What our figures are called in an output. Apart from the figures, whose code is fetched with the first of them.
/** The newest first; older ones stand in notebooks saved before. */
export const mapMimeTypes = ["application/vnd.bestrq.map.v2+arrow", "application/vnd.bestrq.map.v1+arrow"];
export const curvesMimeType = "application/vnd.bestrq.curves.v1+arrow";
export const memoryMimeType = "application/vnd.bestrq.memory.v1+arrow";
export const tableMimeType = "application/vnd.bestrq.table.v1+arrow";
export const audioMimeType = "audio/wav";
