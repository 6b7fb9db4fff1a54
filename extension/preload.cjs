// Added to the build. JupyterLab asks for an extension's plugins and style only once its own code has run, and then waits for
// them. The entry, which it fetches earlier, has the browser fetch both meanwhile.

/** Runs in the page, within the entry. @param {string[]} files beside it */
const preload = (files) => {
  const folder = document.currentScript.src.replace(/[^/]*$/, "");
  for (const file of files) {
    const link = document.createElement("link");
    document.head.append(Object.assign(link, { rel: "preload", as: "script", href: folder + file }));
  }
};

const name = "PreloadPlugin";
const plugin = {
  apply({ hooks, rspack }) {
    hooks.thisCompilation.tap(name, (compilation) => {
      const stage = rspack.Compilation.PROCESS_ASSETS_STAGE_ADDITIONS; // before it is made small and hashed
      compilation.hooks.processAssets.tap({ name, stage }, () => {
        const isEntry = (group) => compilation.entrypoints.has(group.name);
        const chunks = [...compilation.chunks];
        const asked = chunks.filter(({ groupsIterable }) =>
          [...groupsIterable].some((group) => group.getParents().some(isEntry)),
        );
        const files = JSON.stringify(asked.flatMap((chunk) => [...chunk.files]));
        for (const file of chunks.filter((chunk) => chunk.hasRuntime()).flatMap((chunk) => [...chunk.files]))
          compilation.updateAsset(
            file,
            (entry) => new rspack.sources.ConcatSource(entry, `\n;(${preload})(${files});`),
          );
      });
    });
  },
};

module.exports = { plugins: [plugin] };
