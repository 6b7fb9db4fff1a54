// A run that is killed a hundred times ends as one that was not, bit for bit.
import { expect, test } from "vitest";
import { trainKilled, withSpeech } from "../kernel/train/killing";
import { keepResult } from "./results";

const kills = Number(process.env.BESTRQ_KILLS ?? 100);
const steps = 6 * kills;

test(`${kills} kills at random moments change no parameter and no metric`, async () => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  await withSpeech(async (folder) => {
    const killed = await trainKilled(folder, steps, kills, seed);
    const whole = await trainKilled(folder, steps, 0, seed);
    expect(killed.rows).toHaveLength(steps);
    expect(killed.rows).toEqual(whole.rows);
    expect(killed.files).toEqual(whole.files);
    const { early, seconds } = killed;
    keepResult("kill", {
      kills,
      whileStarting: early,
      steps,
      seed,
      seconds: Math.round(seconds),
      secondsWithout: Math.round(whole.seconds),
      parametersEqual: "bit for bit",
      metricsEqual: "bit for bit",
    });
  });
});
