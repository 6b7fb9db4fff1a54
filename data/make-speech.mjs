// Speaks the sentences below into data/speech/: `node data/make-speech.mjs`, after `apt-get install espeak-ng sox flac`.
// The same versions of the three programs give the same bytes.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Name of the speaker in the transcripts -> espeak-ng voice, words a minute, pitch (0 to 99). */
const voices = {
  ada: ["en-gb+f2", 155, 58],
  basil: ["en-gb-x-rp+m3", 150, 38],
  carla: ["en-us+f4", 165, 52],
  dennis: ["en-us+m7", 160, 30],
  effie: ["en-gb-scotland+f5", 150, 62],
  grace: ["en-029+f1", 145, 48],
  hugh: ["en-gb-x-gbclan+m1", 158, 45],
  ivor: ["en-gb-x-gbcwmd+m5", 152, 55],
};

const sentences = [
  ["ada", "A voice is only moving air, until somebody listens."],
  ["basil", "The first sound of the morning was rain on the old tin roof."],
  ["carla", "Can you hear the difference between a whisper and a breath?"],
  ["dennis", "He counted the seconds from the lightning to the thunder."],
  ["effie", "My grandmother knew every neighbour by the sound of their steps."],
  ["grace", "Say the word slowly, and the sea comes back into it."],
  ["hugh", "Long before they speak, children know the tune of their language."],
  ["ivor", "Seven thin voices sang beneath the bridge."],
  ["ada", "We measure ten milliseconds of sound, then ten milliseconds more."],
  ["basil", "Silence is also part of the sentence."],
  ["carla", "The machine guessed the missing piece from what came before and after."],
  ["dennis", "Old radios warm up slowly, and so do good stories."],
  ["effie", "Turn the volume down, the baby has just gone to sleep."],
  ["grace", "Every vowel is a room with a different shape."],
  ["hugh", "Which of these four words did you think you heard?"],
  ["ivor", "The train was late, so we talked until the lamps went out."],
  ["ada", "Nobody hears their own voice the way a friend does."],
  ["basil", "Nine quick foxes chased the echo across the valley."],
  ["carla", "Please leave a message after the tone, and mention your favourite bird."],
  ["dennis", "To listen well is already half of the answer."],
];

const folder = fileURLToPath(new URL("speech/", import.meta.url));
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
const lines = ["path\tspeaker\ttext"];
let bytes = 0;
for (const [i, [speaker, text]] of sentences.entries()) {
  const [voice, speed, pitch] = voices[speaker];
  const spoken = join(tmpdir(), `spoken-${process.pid}.wav`);
  const trimmed = join(tmpdir(), `trimmed-${process.pid}.wav`);
  const name = `${String(i + 1).padStart(2, "0")}-${speaker}.flac`;
  execFileSync("espeak-ng", ["-v", voice, "-s", String(speed), "-p", String(pitch), "-w", spoken, text]);
  // 16 kHz, 3 dB below full scale, a tenth of a second of quiet at both ends; -R and -D: no randomness.
  const trim = [
    "silence",
    "1",
    "0.01",
    "0.1%",
    "reverse",
    "silence",
    "1",
    "0.01",
    "0.1%",
    "reverse",
    "pad",
    "0.1",
    "0.1",
  ];
  execFileSync("sox", ["-R", "-D", spoken, "-b", "16", trimmed, "gain", "-n", "-3", "rate", "-v", "16000", ...trim]);
  execFileSync("flac", ["--silent", "--force", "--best", "--no-padding", "-o", join(folder, name), trimmed]);
  for (const temporary of [spoken, trimmed]) rmSync(temporary);
  bytes += statSync(join(folder, name)).size;
  lines.push(`${name}\t${speaker}\t${text}`);
}
writeFileSync(join(folder, "transcripts.tsv"), `${lines.join("\n")}\n`);
console.log(
  `${sentences.length} sentences, ${Object.keys(voices).length} voices, ${(bytes / 1024).toFixed(0)} KiB in ${folder}`,
);
