import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, pause } from "./client";

let client: Client;
beforeAll(async () => {
  client = await Client.start();
  await client.execute("const kept = 41");
});
afterAll(() => client.stop());

const asking = { allow_stdin: true };

describe("prompt() and password()", () => {
  test("ask the front end that runs the cell, in words that it shows, and give what is typed", async () => {
    const id = await client.submit(
      "console.log('before'); const age: string = prompt('Age? '); [age, prompt()]",
      asking,
    );
    const first = await client.question(id);
    expect(first.content).toEqual({ prompt: "Age? ", password: false });
    expect(client.outputs(id).map(({ content }) => content.text)).toContain("before\n");
    await client.answer("forty-two \u00fc\u{1f600}", first.header);
    await client.until(({ type, content }) => type === "input_request" && content.prompt === "");
    await client.answer(""); // without a parent, as some clients do
    expect((await client.finished(id)).result["text/plain"]).toBe("[ 'forty-two \u00fc\u{1f600}', '' ]");
  });

  test("hide a password", async () => {
    const id = await client.submit("password('Token')", asking);
    const { content, header } = await client.question(id);
    expect(content).toEqual({ prompt: "Token", password: true });
    await client.answer("s3cret", header);
    expect((await client.finished(id)).result["text/plain"]).toBe("'s3cret'");
  });

  test("carry a long answer", async () => {
    const id = await client.submit("prompt().length", asking);
    const { header } = await client.question(id);
    await client.answer("x".repeat(300_001), header);
    expect((await client.finished(id)).result["text/plain"]).toBe("300001");
  });

  test("fail where nobody can be asked, and say so", async () => {
    for (const content of [{ allow_stdin: false }, {}]) {
      const { evalue } = (await client.execute("prompt('?')", content)).content;
      expect(evalue).toContain("Cannot ask for input: whoever runs this cell takes no questions");
    }
    const { id } = await client.execute("setTimeout(() => prompt('late'), 20); undefined", asking);
    const error = await client.until(({ type, parent }) => type === "error" && parent.msg_id === id);
    expect(error.content.evalue).toContain("this one is over");
  });

  test("end at an interrupt, also where the cell asks again and again; the variables are kept", async () => {
    for (const code of ["prompt('?')", "while (true) { try { prompt('?') } catch {} }"]) {
      const id = await client.submit(code, asking);
      const { header } = await client.question(id);
      await pause(100);
      await client.ask("interrupt_request", {}, { control: true });
      expect((await client.finished(id)).content.ename).toBe("KeyboardInterrupt");
      await client.answer("too late", header);
      const next = await client.submit("[kept, prompt('and now?')]", asking);
      const question = await client.question(next);
      await client.answer("too late again", header); // for the question that is over
      await client.answer("now", question.header);
      expect((await client.finished(next)).result["text/plain"]).toBe("[ 41, 'now' ]");
    }
  });

  test("let the front process answer while they wait: heartbeat, control, completion", async () => {
    const id = await client.submit("prompt('?')", asking);
    const { header } = await client.question(id);
    expect(await client.beats()).toBe(true);
    expect((await client.ask("kernel_info_request", {}, { control: true })).content.status).toBe("ok");
    expect((await client.ask("complete_request", { code: "kep", cursor_pos: 3 })).content.matches).toEqual([]);
    await client.answer("x", header);
    await client.finished(id);
    expect((await client.ask("complete_request", { code: "kep", cursor_pos: 3 })).content.matches).toEqual(["kept"]);
  });

  test("ask nobody when the executor dies; the next cell runs", async () => {
    const id = await client.submit("process.kill(process.pid, 'SIGKILL'); prompt('?')", asking);
    expect((await client.finished(id)).content.ename).toBe("ExecutorDied");
    await client.answer("nobody asked");
    expect((await client.execute("2 + 3")).result["text/plain"]).toBe("5");
  });
});
