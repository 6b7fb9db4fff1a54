// `npm start`. Runs on a fresh clone, before anything is installed: Node's built-ins only, here and in what it imports.
// Nothing is imported statically, so that an old Node gets this one line rather than a syntax error.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Cannot start: Node must be 20.19 or newer, got ${process.versions.node}; install Node 22 or 24 and try again`,
  );
  process.exit(1);
}
const { main } = await import("./main.mjs");
process.exitCode = await main(process.argv.slice(2));
