// What our figures are called in an output. Apart from the figures, whose code is fetched with the first of them.
export const mapMimeType = "application/vnd.bestrq.map.v1+arrow";
export const memoryMimeType = "application/vnd.bestrq.memory.v1+arrow";
export const audioMimeType = "audio/wav";
