import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, pause } from "../jupyter/client";

const gradient = "tf.tidy(() => void tf.grad((x: any) => tf.matMul(x, x).sum())(tf.ones([300, 300])))";
const endless = {
  "in good order": `console.log("begun"); while (true) ${gradient}`,
  "where it stands": `console.log("begun"); while (true) { try { while (true) ${gradient} } catch {} }`,
};

describe.each(["tensorflow", "wasm"])("on %s, an interrupt", (backend) => {
  let client: Client;
  beforeAll(async () => {
    client = await Client.start();
    const { content } = await client.execute(`
      import { backend, profile, tf, train } from "bestrq";
      await backend.use("${backend}");
      const engine = tf.engine() as any;
      let finished = 0;
      function* endless() { try { while (true) yield ${gradient} } finally { finished++ } }`);
    expect(content.status, content.evalue).toBe("ok");
  });
  afterAll(() => client.stop());

  const text = async (code: string) => {
    const { result, content } = await client.execute(code);
    return result?.["text/plain"] ?? content.evalue;
  };
  const interrupted = async (code: string) => {
    const id = await client.submit(code);
    await client.until(({ type, parent }) => type === "stream" && parent.msg_id === id);
    await pause(300);
    await client.ask("interrupt_request", {}, { control: true });
    const { content } = await client.finished(id);
    expect(content.ename, content.evalue).toBe("KeyboardInterrupt");
  };

  test.each(Object.entries(endless))("that ends a gradient %s leaves tidy and grad as they were", async (_, code) => {
    const tensors = Number(await text("tf.memory().numTensors"));
    await interrupted(code);
    const { scopeStack, activeTape, gradientDepth, kernelDepth } = JSON.parse(
      (await text(`JSON.stringify(engine.state)`)).slice(1, -1),
    );
    expect({ scopeStack, activeTape, gradientDepth, kernelDepth }).toEqual({
      scopeStack: [],
      activeTape: null,
      gradientDepth: 0,
      kernelDepth: 0,
    });
    expect(await text("const slope = tf.grad((x) => x.square().sum())(tf.tensor([2, 3, 5])); slope")).toMatch(
      /^Tensor float32 \[3\]\n.*\n\s*4\s+6\s+10$/,
    );
    const left = await text("tf.memory().numTensors");
    expect(Number(left)).toBeLessThanOrEqual(tensors + 7); // these two, and what the op that was cut off had made
    expect(await text(`for (let i = 0; i < 7; i++) ${gradient}; tf.memory().numTensors`)).toBe(left);
  });

  test("lets a generator that computes run its finally", async () => {
    await interrupted("console.log('begun'); for (const _ of endless());");
    expect(await text("finished")).toBe("1");
  });

  test.each(Object.entries(endless))("that ends a memory profile %s takes its hooks off", async (_, code) => {
    const methods = await text("Object.keys(engine).join()");
    await interrupted(`await profile.memory(() => { ${code} }, { live: true })`);
    expect(await text("Object.keys(engine).join()")).toBe(methods);
    const books = "const { allocated, released, alive } = profile.last()!.books";
    expect(await text(`${books}; allocated > 0 && allocated === released + alive`)).toBe("true");
    expect(await text("(await profile.memory(() => tf.ones([7]).dispose())).peakBytes")).toBe("28");
  });
});
