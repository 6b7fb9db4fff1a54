#!/usr/bin/env node
// The command, there before the first build, so that `npm ci` can link it.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const built = join(__dirname, "..", "dist", "cli.js");
if (existsSync(built)) require(built);
else {
  console.error("Cannot run bestrq: it is not built yet; to build it: npm start");
  process.exitCode = 1;
}
