// A JupyterLab of its own for browser tests: free port, temporary configuration and data, nothing of the user's.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));
const jupyter = join(root, ".venv", "bin", "jupyter");
const extension = join(root, "extension", "labextension");

export interface OpenOptions {
  /** Default: light. */
  readonly theme?: "light" | "dark";
  /** Starts the notebook's kernel and waits until it is idle (default: no kernel). */
  readonly kernel?: boolean;
}

export interface Lab {
  readonly browser: Browser;
  /** Of the server; its token is `test`. */
  readonly url: string;
  /** Where the notebooks lie. */
  readonly folder: string;
  /** Opens a notebook in a new page. */
  open(notebook: string, options?: OpenOptions): Promise<Page>;
  /** Ends the browser and the server and removes the folder. */
  close(): Promise<void>;
}

/**
 * Starts JupyterLab with our extension, and a browser.
 *
 * @param notebooks file name -> notebook, put into its folder
 * @param env more environment variables of the server, and so of its kernels
 */
export async function startJupyterLab(notebooks: Record<string, object>, env: NodeJS.ProcessEnv = {}): Promise<Lab> {
  for (const needed of [jupyter, extension]) {
    if (!existsSync(needed)) throw new Error(`Cannot start JupyterLab: ${needed} is missing; npm start makes it`);
  }
  // Inside the checkout, where cells can import bestrq.
  await mkdir(join(root, ".cache"), { recursive: true });
  const temporary = await mkdtemp(join(root, ".cache", "lab-"));
  const folder = join(temporary, "notebooks");
  await writeSettings(temporary);
  await cp(extension, join(temporary, "data", "labextensions", "bestrq-labextension"), { recursive: true });
  await mkdir(folder, { recursive: true });
  for (const [name, notebook] of Object.entries(notebooks))
    await writeFile(join(folder, name), JSON.stringify(notebook));

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = startServer(port, temporary, folder, env);
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    await stopped(server);
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await answering(`${url}/api?token=test`, server);
    browser = await chromium.launch({
      executablePath: process.env.BESTRQ_CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    });
  } catch (error) {
    await close();
    throw error;
  }
  const opened = browser;
  const open: Lab["open"] = (notebook, options) => openNotebook(opened, url, notebook, options);
  return { browser, url, folder, close, open };
}

async function openNotebook(browser: Browser, url: string, notebook: string, options: OpenOptions = {}): Promise<Page> {
  const { theme = "light", kernel = false } = options;
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  await page.goto(`${url}/lab/workspaces/${crypto.randomUUID()}?token=test`);
  await page.waitForFunction(() => "jupyterapp" in window);
  await page.evaluate(
    async ([path, name, withKernel]) => {
      const { jupyterapp } = window as unknown as { jupyterapp: JupyterApp };
      await jupyterapp.restored;
      await jupyterapp.commands.execute("apputils:change-theme", { theme: name });
      const noKernel = { shouldStart: false, canStart: false, shutdownOnDispose: true };
      await jupyterapp.commands.execute("docmanager:open", {
        path,
        factory: "Notebook",
        ...(withKernel ? {} : { kernel: noKernel, kernelPreference: noKernel }),
      });
    },
    [notebook, theme === "dark" ? "JupyterLab Dark" : "JupyterLab Light", kernel] as const,
  );
  await page.waitForSelector(".jp-NotebookPanel .jp-Cell");
  if (!kernel) return page;
  await page.waitForFunction(() => {
    const { jupyterapp } = window as unknown as { jupyterapp: JupyterApp };
    return jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === "idle";
  });
  return page;
}

interface JupyterApp {
  readonly restored: Promise<void>;
  readonly commands: { execute(command: string, args?: object): Promise<unknown> };
  readonly shell: { currentWidget?: { sessionContext?: { session?: { kernel?: { status: string } } } } };
}

// No news, no questions.
async function writeSettings(temporary: string): Promise<void> {
  const settings = {
    "@jupyterlab/apputils-extension/notification": { fetchNews: "false", checkForUpdates: false },
    "@jupyterlab/docmanager-extension/plugin": { autosave: false },
    "@jupyterlab/notebook-extension/tracker": { windowingMode: "none" },
  };
  for (const [plugin, value] of Object.entries(settings)) {
    const file = join(temporary, "settings", `${plugin}.jupyterlab-settings`);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, JSON.stringify(value));
  }
}

function startServer(port: number, temporary: string, folder: string, env: NodeJS.ProcessEnv): ChildProcess {
  const arguments_ = [
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    `--port=${port}`,
    "--ServerApp.port_retries=0",
    "--IdentityProvider.token=test",
    "--LabApp.expose_app_in_browser=True",
    `--ServerApp.root_dir=${folder}`,
  ];
  return spawn(jupyter, ["lab", ...arguments_], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: {
      ...process.env,
      JUPYTER_NO_CONFIG: "1",
      JUPYTER_CONFIG_DIR: join(temporary, "config"),
      JUPYTER_DATA_DIR: join(temporary, "data"),
      JUPYTER_RUNTIME_DIR: join(temporary, "runtime"),
      JUPYTER_PATH: join(root, ".venv", "share", "jupyter"),
      JUPYTERLAB_SETTINGS_DIR: join(temporary, "settings"),
      JUPYTERLAB_WORKSPACES_DIR: join(temporary, "workspaces"),
      ...env,
    },
  });
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  let said = "";
  server.stdout?.on("data", (chunk) => {
    said += chunk;
  });
  server.stderr?.on("data", (chunk) => {
    said += chunk;
  });
  for (const start = Date.now(); Date.now() - start < 60_000; ) {
    if (server.exitCode !== null) break;
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`Cannot start JupyterLab: it does not answer; it said:\n${said}`);
}

// A first SIGTERM lets the server shut its kernels down.
async function stopped(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.pid === undefined) return;
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  const timer = setTimeout(() => process.kill(-server.pid!, "SIGKILL"), 10_000);
  await ended;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
