// Added to the build. JupyterLab asks for an extension's plugins and style only once its own code has run, and then waits for
// them. The entry, which it fetches earlier, holds both, so that its start waits for nothing of ours and fetches one file.
const name = "EntryPlugin";
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
        const filesOf = (chunks) => chunks.flatMap((chunk) => [...chunk.files]);
        // A chunk that has run when it is asked for is not fetched.
        const sources = filesOf(asked).map((file) => compilation.getAsset(file).source);
        for (const file of filesOf(chunks.filter((chunk) => chunk.hasRuntime())))
          compilation.updateAsset(file, (entry) => new rspack.sources.ConcatSource(entry, ...sources));
      });
    });
  },
};

module.exports = { plugins: [plugin] };
