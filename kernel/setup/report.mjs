// Says what is being done and how long it took: a counting line on a terminal, plain lines elsewhere.

/**
 * @typedef {object} Report
 * @property {(text: string) => void} line
 * @property {<T>(title: string, body: (progress: (text: string) => void) => Promise<T>) => Promise<T>} step
 */

/** @param {NodeJS.WriteStream} out @returns {Report} */
export function consoleReport(out) {
  const live = out.isTTY && !process.env.CI;
  const line = (text) => out.write(`${text}\n`);
  return {
    line,
    async step(title, body) {
      const start = performance.now();
      const seconds = () => (performance.now() - start) / 1000;
      let remark = "";
      const show = () => {
        const text = `${title}: ${seconds().toFixed(0)} s ${remark}`;
        if (live) out.write(`\r\x1b[K${text.slice(0, (out.columns ?? 80) - 1)}`);
        else line(`  ${text}`);
      };
      // What is quick shows its last line only.
      let timer = setTimeout(() => {
        show();
        timer = setInterval(show, live ? 1000 : 10_000);
      }, 2000);
      const clear = () => {
        clearInterval(timer);
        if (live) out.write("\r\x1b[K");
      };
      try {
        const result = await body((text) => {
          remark = text;
        });
        clear();
        line(`${title}: done in ${seconds().toFixed(1)} s${typeof result === "string" ? ` (${result})` : ""}`);
        return result;
      } finally {
        clear();
      }
    },
  };
}
