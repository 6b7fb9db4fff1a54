// What comes from the executor, as executor/protocol.ts describes it.
import { deserialize } from "node:v8";
import { unframe } from "../executor/frames";
import type { FromExecutor } from "../executor/protocol";

/** What `v8.serialize` begins with, and UTF-8 never. */
const serialized = 0xff;

/** Takes the chunks of the channel. */
export function reader(
  onMessage: (message: FromExecutor) => void,
  onText: (text: string) => void,
): (chunk: Buffer) => void {
  return unframe((body) => {
    if (body[0] === serialized) onMessage(deserialize(body) as FromExecutor);
    else onText(body.toString());
  });
}
